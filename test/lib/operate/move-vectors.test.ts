import { beforeEach, describe, expect, test } from 'vitest';
import { deleteRun } from '../../../lib/lifecycle/delete.ts';
import { audit } from '../../../lib/operate/audit/audit.ts';
import { type MovedNamespace, moveVectors } from '../../../lib/operate/move-vectors.ts';
import type { VectorRecord } from '../../../lib/vectors/ports.ts';
import { FAULTS, makeFaults } from '../../crash/faults.ts';
import { makeMachine } from '../../crash/machine.ts';
import { makeMemoryScan } from '../../memory/audit-ports.ts';
import { makeMemoryVectorIndex } from '../../memory/vector-index.ts';
import { makeWorld, type World } from '../../memory/world.ts';

const EARLIER = 'bag-of-words:files';
const MOVED = 'dev:bag-of-words:files';
const PROMPTS = JSON.stringify([{ prompt: 'one' }, { prompt: 'two' }, { prompt: 'three' }]);
const OTHERS = 'run_00000000000000000000000009#0#0';

/** A deployment whose three runs were indexed by an earlier version: in the old namespace, without a deployment. */
const upgraded = async (
  deployment = 'dev',
  sharedVectors = makeMemoryVectorIndex({ dimension: 64 }),
): Promise<World> => {
  const namespacePrefix = `${deployment}:`;
  const world = makeWorld({ namespacePrefix, deployment, sharedVectors });
  const machine = makeMachine(world, makeFaults(new Map()));
  await machine.objects.send(world.drop(`prompts/${deployment}.json`, PROMPTS));
  await machine.untilQuiet();
  const own = world.namespace('files');
  const records = await world.vectors.fetch(own, world.vectorIds()[own] ?? []);
  sharedVectors.namespaces.delete(own);
  await sharedVectors.upsert(EARLIER, records);
  await sharedVectors.upsert(EARLIER, [{ id: OTHERS, values: new Float32Array(64).fill(1), metadata: {} }]);
  return world;
};

const depsOf = ({ runs, sharedVectors, vectorList, deployment, earlierNamespace, namespace }: World) => ({
  ...{ runs, sharedVectors, vectorList, deployment },
  from: earlierNamespace,
  to: namespace,
});

const move = async (deps: Parameters<typeof moveVectors>[0]): Promise<MovedNamespace[]> => {
  const moved: MovedNamespace[] = [];
  for await (const namespace of moveVectors(deps)) moved.push(namespace);
  return moved;
};

let world: World;
let before: VectorRecord[];
const stored = async (namespace: string) =>
  world.sharedVectors.fetch(namespace, world.vectorIds()[namespace] ?? []);

beforeEach(async () => {
  world = await upgraded();
  before = (await stored(EARLIER)).filter(({ id }) => id !== OTHERS);
});

describe('moving vectors from an earlier namespace', () => {
  test('brings those of the runs here to the new one, with the deployment, and leaves others alone', async () => {
    expect(before).toHaveLength(3);
    expect(await move(depsOf(world))).toEqual([{ namespace: EARLIER, moved: 3, deleted: 0, left: 1 }]);
    expect(world.vectorIds()[EARLIER]).toEqual([OTHERS]);
    const marked = before.map(({ id, values, metadata }) => ({
      ...{ id, values },
      metadata: { ...metadata, deployment: 'dev' },
    }));
    expect(await stored(MOVED)).toEqual(expect.arrayContaining(marked));
    const result = await audit({ ...world.deps, scan: makeMemoryScan(world) });
    expect(result).toMatchObject({ findings: [], earlier: 1 });
  });

  test('finds nothing more to do the second time', async () => {
    await move(depsOf(world));
    const after = structuredClone(world.sharedVectors.namespaces);
    expect(await move(depsOf(world))).toEqual([{ namespace: EARLIER, moved: 0, deleted: 0, left: 1 }]);
    expect(world.sharedVectors.namespaces).toEqual(after);
  });

  test('deletes vectors of runs deleted since, and does not bring them back', async () => {
    const [first] = before;
    await deleteRun(String(first?.metadata.run_id), 'files', world.deps);
    expect(await move(depsOf(world))).toEqual([{ namespace: EARLIER, moved: 2, deleted: 1, left: 1 }]);
    expect(world.vectorIds()[MOVED]).not.toContain(first?.id);
    expect(world.vectorIds()[EARLIER]).toEqual([OTHERS]);
  });

  test('does not bring back a run that is deleted while its vectors are copied', async () => {
    const [first] = before;
    const deps = depsOf(world);
    const sharedVectors = {
      ...deps.sharedVectors,
      upsert: async (namespace: string, records: VectorRecord[]) => {
        if (records.some(({ id }) => id === first?.id))
          await deleteRun(String(first?.metadata.run_id), 'files', world.deps);
        await deps.sharedVectors.upsert(namespace, records);
      },
    };
    await move({ ...deps, sharedVectors });
    expect(world.vectorIds()[MOVED]).toHaveLength(2);
    expect(world.vectorIds()[MOVED]).not.toContain(first?.id);
  });

  test('leaves a vector of another deployment whose run has the same id', async () => {
    const [first, second, third] = before;
    if (!first || !second || !third) throw new Error('there are no three vectors');
    const metadata = { ...first.metadata, created_at: Number(first.metadata.created_at) - 1 };
    await world.sharedVectors.upsert(EARLIER, [
      { ...first, metadata },
      { ...second, metadata: { ...second.metadata, deployment: 'prod' } },
    ]);
    expect(await move(depsOf(world))).toEqual([{ namespace: EARLIER, moved: 1, deleted: 0, left: 3 }]);
    expect(world.vectorIds()[MOVED]).toEqual([third.id]);
  });

  test('loses no vector, whatever call fails or kills it, and is complete when repeated', async () => {
    const effects = makeFaults(new Map());
    const counted = depsOf(await upgraded());
    await move({ ...counted, sharedVectors: effects.worker().port('vectors', counted.sharedVectors) });
    expect(effects.effects.length).toBeGreaterThan(8);
    for (let at = 1; at <= effects.effects.length; at += 1) {
      for (const fault of FAULTS) {
        world = await upgraded();
        const deps = depsOf(world);
        const faults = makeFaults(new Map([[at, fault]]));
        const dying = { ...deps, sharedVectors: faults.worker().port('vectors', deps.sharedVectors) };
        await move(dying).catch(() => {});
        const kept = new Set([...(world.vectorIds()[EARLIER] ?? []), ...(world.vectorIds()[MOVED] ?? [])]);
        expect(kept.size, `${fault} at ${at}`).toBe(4);
        await move(deps);
        expect([world.vectorIds()[EARLIER], world.vectorIds()[MOVED]]).toEqual([
          [OTHERS],
          before.map(({ id }) => id).sort(),
        ]);
      }
    }
  });
});

test('two deployments move out of one earlier namespace, each with its own vectors', async () => {
  const sharedVectors = makeMemoryVectorIndex({ dimension: 64 });
  const [dev, prod] = [await upgraded('dev', sharedVectors), await upgraded('prod', sharedVectors)];
  expect(dev.vectorIds()[EARLIER]).toHaveLength(7);
  expect(await move(depsOf(dev))).toMatchObject([{ moved: 3, left: 4 }]);
  expect(await move(depsOf(prod))).toMatchObject([{ moved: 3, left: 1 }]);
  for (const { deps, runs, vectorIds, namespace } of [dev, prod]) {
    const ids = [...runs.runs.keys()].map((id) => `${id}#0#0`).sort();
    expect(vectorIds()[namespace('files')]).toEqual(ids);
    const result = await audit({ ...deps, scan: makeMemoryScan({ ...deps }) });
    expect(result.findings).toEqual([]);
  }
});
