import { beforeEach, describe, expect, test } from 'vitest';
import { sweep } from '../../../lib/operate/sweep.ts';
import { DUE_SHARDS, dueShardOf } from '../../../lib/runs/due.ts';
import { outputKey } from '../../../lib/runs/keys.ts';
import type { DueItem, MoveOptions } from '../../../lib/runs/ports.ts';
import type { Run } from '../../../lib/runs/run.ts';
import { serverError } from '../../factories/generation.ts';
import { makeFigures, makeRun } from '../../factories/run.ts';
import { makeMemoryDueIndex } from '../../memory/due-index.ts';
import { makeWorld, type World } from '../../memory/world.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
let world: World;
beforeEach(() => {
  world = makeWorld();
});

/** A run that is due now. */
const due = async (own: Partial<Run> = {}) => {
  const run = makeRun({ dueAt: world.clock.now(), ...own });
  await world.runs.create(run);
  return run;
};
const manyDue = async (count: number) => {
  for (let at = 0; at < count; at += 1)
    await due({ id: `run_000000000000000000000000${String(at).padStart(2, '0')}` });
};
const after = async ({ id }: Run) => world.runs.get(id);

describe('a due run', () => {
  test('that is queued gets its job once more, and is due again in an hour, then in two', async () => {
    const run = await due();
    expect(await sweep(world.deps)).toEqual({ moved: 1, failed: 0, complete: true });
    expect(world.jobs.bodies()).toEqual([{ type: 'run', run_id: run.id }]);
    expect(await after(run)).toEqual({ ...run, dueAt: world.clock.now() + 60 * MINUTE, dueTries: 1 });
    await world.clock.advance(60 * MINUTE);
    await sweep(world.deps);
    expect(await after(run)).toMatchObject({ dueAt: world.clock.now() + 120 * MINUTE, dueTries: 2 });
    expect(world.jobs.bodies()).toHaveLength(2);
  });

  test('whose lease has run out gets its job at once', async () => {
    const run = await due({
      status: 'generating',
      attempts: 1,
      lease: { token: 'aa', until: world.clock.now() },
    });
    await sweep(world.deps);
    expect(world.jobs.nextAt()).toBe(world.clock.now());
    expect(await after(run)).toMatchObject({ status: 'generating', lease: { token: 'aa' } });
  });

  test('under a live lease gets a job for the end of the lease, which does not change', async () => {
    const lease = { token: 'aa', until: world.clock.now() + 40_000 };
    const run = await due({ status: 'generating', attempts: 1, lease });
    await sweep(world.deps);
    expect(world.jobs.nextAt()).toBe(world.clock.now() + 41_000);
    expect(await after(run)).toMatchObject({ lease, dueAt: lease.until + MINUTE });
    // However long it takes, it is no more patient with the job of a run whose worker is lost after that.
    expect((await after(run))?.dueTries).toBe(0);
  });

  test('with a pending event has it sent', async () => {
    const run = await due({ status: 'completed', pending: ['RunCompleted'] });
    await sweep(world.deps);
    expect(world.bus.idsOf('RunCompleted')).toEqual([`${run.id}.RunCompleted`]);
    expect(await after(run)).toMatchObject({ pending: [], dueAt: null });
  });

  test('that was generated is left to its embedding for ten minutes, and then has its event sent again', async () => {
    const pending: Run['pending'] = ['RunGenerated'];
    const run = await due({ status: 'generated', pending, generations: [makeFigures()] });
    await sweep(world.deps);
    expect(world.bus.events).toEqual([]);
    for (const [at, minutes] of [10, 20, 40].entries()) {
      expect(await after(run)).toMatchObject({
        pending,
        dueTries: at + 1,
        dueAt: world.clock.now() + minutes * MINUTE,
      });
      await world.clock.advance(minutes * MINUTE);
      await sweep(world.deps);
      expect(world.bus.idsOf('RunGenerated')).toEqual(Array(at + 1).fill(`${run.id}.RunGenerated`));
    }
  });

  test('that was generated has its event sent at once in a reconciliation', async () => {
    const run = await due({ status: 'generated', pending: ['RunGenerated'], dueAt: Number.MAX_SAFE_INTEGER });
    await sweep(world.deps, { reconcile: 'all' });
    expect(world.bus.idsOf('RunGenerated')).toEqual([`${run.id}.RunGenerated`]);
  });

  test('stays due while the bus fails', async () => {
    const run = await due({ status: 'generated', pending: ['RunGenerated'], dueTries: 1 });
    world.bus.down = true;
    expect(await sweep(world.deps)).toMatchObject({ failed: 1 });
    expect(await after(run)).toEqual(run);
  });

  test('that is deleted and was not purged yet is purged twice', async () => {
    const run = await due({ status: 'deleted' });
    await world.content.put(outputKey(run.id, 0, 'early'), '{}', 'application/json');
    await sweep(world.deps);
    expect(world.content.objects.size).toBe(0);
    expect(await after(run)).toMatchObject({ dueAt: world.clock.now() + 10 * MINUTE });
    await world.content.put(outputKey(run.id, 0, 'late'), '{}', 'application/json');
    await world.clock.advance(10 * MINUTE);
    await sweep(world.deps);
    expect(world.content.objects.size).toBe(0);
    expect(await after(run)).toMatchObject({ dueAt: null });
  });

  test('that is deleted is purged once more, and expires thirty days later', async () => {
    const run = await due({ status: 'deleted', dueTries: 1, generations: [makeFigures()] });
    const vector = { id: `${run.id}#0#0`, values: new Float32Array(64).fill(1), metadata: {} };
    await world.vectors.upsert('bag-of-words:docs', [vector]);
    await world.content.put(outputKey(run.id, 0, 'late'), '{}', 'application/json');
    await sweep(world.deps);
    expect(world.vectorIds()).toEqual({ 'bag-of-words:docs': [] });
    expect(world.content.objects.size).toBe(0);
    expect(await after(run)).toMatchObject({ status: 'deleted', dueAt: null });
    expect(world.runs.expiries.get(run.id)).toBe(world.clock.now() + 30 * 24 * 60 * MINUTE);
  });

  test('that has ended stays, without retention', async () => {
    const run = await due({ status: 'failed' });
    await sweep(world.deps);
    expect(await after(run)).toEqual({ ...run, dueAt: null });
  });

  test('past its retention is deleted, and not before', async () => {
    world = makeWorld({ retentionDays: 30 });
    const run = await due({ status: 'completed', dueAt: Date.parse('2026-12-22T13:00:00.000Z') });
    await world.clock.advance(30 * DAY - 1);
    await sweep(world.deps, { reconcile: 'all' });
    expect(await after(run)).toEqual(run);
    await world.clock.advance(1);
    await sweep(world.deps);
    expect(await after(run)).toMatchObject({ status: 'deleted', dueAt: world.clock.now() + 10 * MINUTE });
  });
});

describe('a sweep beside another, or over an index that lags,', () => {
  test('sends one job together with a concurrent sweep', async () => {
    await due();
    await Promise.all([sweep(world.deps), sweep(world.deps)]);
    expect(world.jobs.bodies()).toHaveLength(1);
  });

  test('does no harm when the index still lists a run that was moved on', async () => {
    const run = await due();
    world.dueIndex.freeze();
    await world.runs.change(run.id, { status: 'completed', dueAt: null }, {});
    const before = await after(run);
    await sweep(world.deps);
    expect(await after(run)).toEqual(before);
    expect(world.jobs.bodies()).toEqual([]);
  });

  test('moves an item that comes again on a later page only once', async () => {
    await manyDue(30);
    const dueIndex = makeMemoryDueIndex([world.runs], { pageSize: 2 });
    expect(await sweep({ ...world.deps, dueIndex }, { reconcile: 'all' })).toMatchObject({ moved: 30 });
    expect(world.jobs.bodies()).toHaveLength(30);
  });

  test('does no harm when the index lists an item that does not exist', async () => {
    const dueIndex = {
      ...world.dueIndex,
      due: async function* (shard: number) {
        if (shard === 0)
          yield [
            { pk: 'RUN#run_00000000000000000000000001', sk: 'RUN' },
            { pk: 'FILE#file_1', sk: 'FILE' },
            { pk: 'FILE#file_1', sk: 'BLOCK#000000' },
          ];
      },
    };
    expect(await sweep({ ...world.deps, dueIndex })).toEqual({ moved: 3, failed: 0, complete: true });
  });
});

test('a sweep reads all shards, and moves nothing that is not due yet', async () => {
  await manyDue(40);
  await due({ id: 'run_zzzzzzzzzzzzzzzzzzzzzzzzzz', dueAt: world.clock.now() + 1 });
  expect(await sweep(world.deps)).toMatchObject({ moved: 40 });
  expect(DUE_SHARDS).toBe(8);
});

test('an item that fails is logged and stays due, and the others go on', async () => {
  await manyDue(20);
  const id = 'run_00000000000000000000000007';
  const movers = {
    ...world.deps.movers,
    RUN: (item: DueItem, options: MoveOptions) =>
      item.pk.endsWith(id) ? Promise.reject(serverError()) : world.deps.movers.RUN(item, options),
  };
  expect(await sweep({ ...world.deps, movers })).toEqual({ moved: 19, failed: 1, complete: true });
  expect(world.log.named('sweep.item_failed')).toMatchObject([{ item: `RUN#${id}`, code: 'upstream_error' }]);
  expect(await sweep(world.deps)).toMatchObject({ moved: 1 });
});

test('a shard that cannot be read fails the sweep once all others have had their turn', async () => {
  await manyDue(20);
  const shards = Map.groupBy(world.dueIndex.entries(), ({ pk }) => dueShardOf(pk));
  const [bad = 0] = shards.keys();
  const dueIndex: World['dueIndex'] = {
    ...world.dueIndex,
    due: async function* (shard, before) {
      if (shard === bad) throw serverError();
      yield* world.dueIndex.due(shard, before);
    },
  };
  await expect(sweep({ ...world.deps, dueIndex })).rejects.toMatchObject({ name: 'UpstreamError' });
  expect(world.jobs.bodies()).toHaveLength(20 - (shards.get(bad)?.length ?? 0));
});

test('an item of an unknown kind is logged', async () => {
  const dueIndex = {
    ...world.dueIndex,
    due: async function* (shard: number) {
      if (shard === 0) yield [{ pk: 'DAY#docs', sk: 'DAY' }];
    },
  };
  expect(await sweep({ ...world.deps, dueIndex })).toMatchObject({ failed: 1 });
});

test('a sweep ends early when its time runs short and logs it; the next one does the rest', async () => {
  await manyDue(60);
  let calls = 0;
  const first = await sweep({ ...world.deps, remainingMs: () => (++calls > 5 ? 9_999 : 10_000) });
  expect(first.complete).toBe(false);
  expect(first.moved).toBeLessThan(60);
  expect(first.moved).toBeGreaterThan(0);
  const second = await sweep(world.deps);
  expect(first.moved + second.moved).toBe(60);
  expect(world.jobs.bodies()).toHaveLength(60);
});

describe('a sweep that reconciles all runs', () => {
  test('moves items that are due much later, too', async () => {
    const run = await due({ dueAt: world.clock.now() + 7 * DAY });
    expect(await sweep(world.deps)).toMatchObject({ moved: 0 });
    expect(await sweep(world.deps, { reconcile: 'all' })).toMatchObject({ moved: 1 });
    expect(world.jobs.bodies()).toEqual([{ type: 'run', run_id: run.id }]);
  });

  test('does not replace the last purge of a deleted run', async () => {
    const run = await due({ status: 'deleted', dueTries: 1, dueAt: world.clock.now() + 10 * MINUTE });
    await sweep(world.deps, { reconcile: 'all' });
    expect(await after(run)).toEqual(run);
    await world.clock.advance(10 * MINUTE);
    await sweep(world.deps);
    expect((await after(run))?.dueAt).toBeNull();
  });
});
