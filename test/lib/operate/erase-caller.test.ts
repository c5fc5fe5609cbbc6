import { expect, test } from 'vitest';
import { createInput } from '../../../lib/batches/stored-files.ts';
import { createComparison } from '../../../lib/comparisons/create.ts';
import { createExport } from '../../../lib/export/job.ts';
import { makeStartRun } from '../../../lib/lifecycle/start.ts';
import { type ErasedStep, eraseCaller } from '../../../lib/operate/erase-caller.ts';
import { listedOf } from '../../../lib/runs/list/entry.ts';
import type { UsageGrouping } from '../../../lib/usage/query.ts';
import { readUsage } from '../../../lib/usage/read.ts';
import { CRASH_POINTS, type Fault, makeFaults } from '../../crash/faults.ts';
import { makeMachine } from '../../crash/machine.ts';
import { makeRun } from '../../factories/run.ts';
import { makeMemoryKeyStore } from '../../memory/key-store.ts';
import { makeWorld } from '../../memory/world.ts';

const PREFIX = 'here:';
const textOf = (caller: string): string => `<${caller}>`;

/** Two callers, each with a key, a budget, runs, a file, a comparison and vectors of an earlier model. */
const inhabited = async () => {
  const world = makeWorld({ namespacePrefix: PREFIX, usageKeys: ['team'] });
  const keys = makeMemoryKeyStore();
  const machine = makeMachine(world, makeFaults(new Map()));
  for (const caller of ['acme', 'acme2', 'files']) {
    await keys.create({ sha256: caller, caller, disabled: false, createdAt: '2026-11-22T13:00:00.000Z' });
    await world.budgets.set(caller, { tokens: 1_000_000, costUsd: null });
    await world.limitStore.set(caller, { requestsPerSecond: 1_000, runsInFlight: null });
    for (const background of [true, false]) {
      const started = await makeStartRun(world.deps)(
        { prompt: `${textOf(caller)} asks`, background, metadata: { team: textOf(caller) } },
        { caller },
      );
      if (started.kind === 'started') await started.done;
    }
    const folder = caller === 'files' ? 'prompts/' : `prompts/@${caller}/`;
    await machine.objects.send(
      world.drop(`${folder}a.json`, JSON.stringify([{ prompt: `${textOf(caller)} writes` }])),
    );
    await world.content.put(`${folder}ignored.docx`, textOf(caller), 'text/plain');
    await createInput({ filename: 'lines.jsonl', text: textOf(caller) }, caller, world.deps);
    const body = { prompts: [`${textOf(caller)} compares`], settings: [{ label: 'a' }, { label: 'b' }] };
    await createComparison(body, { caller }, world.deps);
    await createExport({ format: 'jsonl', texts: true }, caller, world.deps);
    for (const namespace of [`${PREFIX}earlier-model:${caller}`, `there:any-model:${caller}`])
      await world.vectors.upsert(namespace, [
        { id: 'run_00000000000000000000000009#0#0', values: new Float32Array(64).fill(1), metadata: {} },
      ]);
  }
  await machine.untilQuiet();
  // A worker that crashed after this had not made the run.
  const labels = [textOf('acme')];
  const unmade = makeRun({ id: 'run_00000000000000000000000008', caller: 'acme', labels });
  await world.list.put(listedOf(unmade, { promptPreview: textOf('acme') }));
  const deps = { ...world.deps, keys, namespacePrefix: PREFIX };
  return { world, keys, machine, deps };
};

type Inhabited = Awaited<ReturnType<typeof inhabited>>;
const erase = async (caller: string, deps: Inhabited['deps']): Promise<ErasedStep[]> => {
  const steps: ErasedStep[] = [];
  for await (const step of eraseCaller(caller, deps)) steps.push(step);
  return steps;
};

/** Everything that is stored and names a caller's texts. */
const storedOf = (caller: string, { world }: Inhabited): string[] => {
  const objects = [...world.content.objects].filter(([, body]) => String(body).includes(textOf(caller)));
  const vectors = Object.entries(world.vectorIds()).filter(
    ([name, ids]) => name.startsWith(PREFIX) && name.endsWith(`:${caller}`) && ids.length > 0,
  );
  const runs = [...world.runs.runs.values()].filter(
    (run) => run.caller === caller && run.status !== 'deleted',
  );
  const files = [...world.files.files.values()].filter(
    (file) => file.caller === caller && file.status !== 'deleted',
  );
  const usage = [...world.list.entries.values(), ...world.totals.periods.values()].filter((one) =>
    JSON.stringify(one).includes(textOf(caller)),
  );
  return [
    ...usage.map((one) => JSON.stringify(one)),
    ...objects.map(([key]) => key),
    ...vectors.map(([name]) => name),
    ...runs.map(({ id }) => id),
    ...files.map(({ id }) => id),
  ];
};

test.each(['acme', 'files'])('of %s everything goes, and nothing of any other caller', async (caller) => {
  const place = await inhabited();
  const { world, keys, machine, deps } = place;
  const others = ['acme', 'acme2', 'files'].filter((other) => other !== caller);
  const before = others.map((other) => storedOf(other, place));
  expect(storedOf(caller, place).length).toBeGreaterThan(8);
  const ofCaller = [...world.runs.runs.values()].filter((run) => run.caller === caller);
  const first = await erase(caller, deps);
  const erased = ofCaller.filter(({ id }) => world.runs.runs.get(id)?.status === 'deleted');
  expect(first.find(({ step }) => step === 'runs')?.removed).toBe(erased.length);
  expect(erased.length).toBeGreaterThan(1);
  expect(first.map(({ step }) => step)).toEqual([
    ...['keys', 'exports', 'files', 'runs', 'objects', 'vectors', 'usage', 'limits'],
  ]);
  expect(first.slice(0, 3)).toEqual([
    { step: 'keys', removed: 1 },
    { step: 'exports', removed: 1 },
    { step: 'files', removed: 2, underWay: 2 },
  ]);
  await machine.untilQuiet();
  expect(storedOf(caller, place)).toEqual([]);
  expect(others.map((other) => storedOf(other, place))).toEqual(before);
  expect((await keys.list(caller)).map(({ disabled }) => disabled)).toEqual([true]);
  expect(await world.budgets.get(caller)).toBeUndefined();
  expect(await world.budgets.get('acme2')).toBeDefined();
  expect(await world.limitStore.get(caller)).toBeUndefined();
  expect(await world.limitStore.get('acme2')).toBeDefined();
  expect(Object.keys(world.vectorIds()).filter((name) => name.startsWith('there:'))).toHaveLength(3);
  const periods = [...world.totals.periods.values()];
  const labelsOf = (some: typeof periods) =>
    new Set(some.flatMap(({ shapes }) => shapes.flatMap(({ parts }) => parts.map(({ label }) => label))));
  expect(labelsOf(periods.filter(({ period }) => period.caller === caller))).toEqual(new Set([null]));
  expect(labelsOf(periods.filter(({ period }) => period.caller !== caller))).toContain('a');
  const again = await erase(caller, deps);
  expect(again.every(({ removed, underWay = 0 }) => removed + underWay === 0)).toBe(true);
});

test('an erasure that is cut off at any effect is complete once it is repeated', async () => {
  const count = async (plan: ReadonlyMap<number, Fault>) => {
    const place = await inhabited();
    const faults = makeFaults(plan);
    const { port } = faults.worker();
    const deps = {
      ...place.deps,
      callers: port('callers', place.world.callers),
      keys: port('keys', place.keys),
      budgets: port('budgets', place.world.budgets),
      limitStore: port('limits', place.world.limitStore),
      runs: port('runs', place.world.runs),
      files: port('files', place.world.files),
      exports: port('exports', place.world.exports),
      content: port('content', place.world.content),
      vectors: port('vectors', place.world.vectors),
      list: { ...port('list', place.world.list), newest: place.world.list.newest },
      totals: { ...port('totals', place.world.totals), range: place.world.totals.range },
    };
    await erase('acme', deps as never).catch(() => undefined);
    await erase('acme', place.deps);
    await place.machine.untilQuiet();
    expect(storedOf('acme', place)).toEqual([]);
    return faults.effects.length;
  };
  const effects = await count(new Map());
  expect(effects).toBeGreaterThan(20);
  for (let at = 1; at <= effects; at += 1)
    for (const fault of CRASH_POINTS) await count(new Map([[at, fault]]));
}, 120_000);

test('the usage of an erased caller stays by model and day', async () => {
  const { deps, machine, world } = await inhabited();
  const read = async (...groupBy: UsageGrouping[]) => {
    const query = { since: '2026-11-22T00:00:00.000Z', until: '2026-11-23T00:00:00.000Z', groupBy };
    return readUsage(query, ['acme'], { ...world, maxRuns: 0 });
  };
  const before = await read({ by: 'model' });
  expect(before.total.requests).toBe(5);
  await erase('acme', deps);
  await machine.untilQuiet();
  expect(await read({ by: 'model' })).toEqual(before);
  const { groups } = await read({ by: 'metadata', key: 'team' });
  expect(groups.map(({ key, requests }) => [key, requests])).toEqual([[null, 5]]);
});

test('a name that no caller can have is refused', async () => {
  const { deps } = await inhabited();
  await expect(erase('../other', deps)).rejects.toMatchObject({ code: 'invalid_input' });
});
