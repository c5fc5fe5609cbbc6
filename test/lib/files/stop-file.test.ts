import { describe, expect, test } from 'vitest';
import { dayOf } from '../../../lib/budget/daily.ts';
import { stopFile } from '../../../lib/files/stop-file.ts';
import { viewFile } from '../../../lib/files/view.ts';
import type { Run } from '../../../lib/runs/run.ts';
import { serverError } from '../../factories/generation.ts';
import { jsonLines, makeFileWorld, prompts, SMALL } from './file-world.ts';

const KEY = 'prompts/many.jsonl';
const numbered = (count: number) => Array.from({ length: count }, (_, at) => `prompt ${at + 1}`);

const begun = async (count: number, done: number) => {
  const world = makeFileWorld({ limits: SMALL });
  await world.take(KEY, prompts(...numbered(count)));
  for (let job = 0; job < done; job += 1) await world.workJob();
  return world;
};

/** Has the model server throttle every line for an hour. */
const throttle = (world: ReturnType<typeof makeFileWorld>): void => {
  const { generateOne } = world.deps;
  world.deps.generateOne = async (one) => ({
    ...(await generateOne(one)),
    throttled: { retryAfterMs: 3_600_000 },
  });
};

describe('a file that is stopped', () => {
  test('has results for the lines that had begun, and the code of its stop for every other line', async () => {
    const world = await begun(20, 4);
    await stopFile(world.file().id, 'cancelled', world.deps);
    await world.work();
    const rows = await world.rows();
    expect(rows.map(({ line }) => line)).toEqual(numbered(20).map((_, at) => at + 1));
    expect(rows.slice(0, 4).map(({ status }) => status)).toEqual(Array(4).fill('completed'));
    expect(new Set(rows.slice(4).map(({ error, run_id }) => `${error.code} ${run_id}`))).toEqual(
      new Set(['cancelled null']),
    );
    expect(world.prompted()).toEqual(numbered(4));
    expect(world.file()).toMatchObject({ status: 'completed_with_errors', stopped: { code: 'cancelled' } });
    expect(await world.summary()).toMatchObject({
      stopped: { code: 'cancelled' },
      counts: { lines: 20, completed: 4, failed: 16, not_begun: 16, generated: 4 },
    });
    expect(world.bus.idsOf('FileCompleted')).toHaveLength(1);
  });

  test('while it is being read ends at once, generates nothing, and can be uploaded again', async () => {
    const world = makeFileWorld({ limits: SMALL });
    const { readSource } = world.deps;
    world.deps.readSource = async (...args) => {
      await stopFile(world.file().id, 'cancelled', world.deps);
      expect(world.file()).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' }, lease: null });
      return readSource(...args);
    };
    const { clock } = world;
    await world.take(KEY, prompts(...numbered(7)));
    await clock.advance(20_000);
    await world.work();
    expect(world.prompted()).toEqual([]);
    expect((await world.rows()).map(({ error }) => error.code)).toEqual(['cancelled']);
    expect(await world.summary()).toMatchObject({ status: 'cancelled', stopped: { code: 'cancelled' } });
    expect(world.bus.idsOf('FileCompleted')).toHaveLength(1);
    expect(await viewFile(world.file(), world.deps)).toMatchObject({ counts: { lines: null } });

    world.deps.readSource = readSource;
    await world.take(KEY, prompts(...numbered(7)));
    await world.work();
    expect(world.prompted()).toEqual(numbered(7));
  });

  test('while a dead worker holds its lease ends at once', async () => {
    const world = makeFileWorld({ limits: SMALL });
    world.deps.readSource = () => new Promise(() => {});
    void world.take(KEY, prompts(...numbered(7)));
    await expect.poll(() => world.files.files.size).toBe(1);
    await expect.poll(() => world.file().lease).not.toBeNull();
    await stopFile(world.file().id, 'cancelled', world.deps);
    await world.work();
    expect(world.file()).toMatchObject({ status: 'cancelled', pending: false, dueAt: null });
  });

  test('leaves a line out whose run no worker had begun, and counts it as such', async () => {
    const world = await begun(3, 0);
    const { runs } = world.deps;
    world.deps.runs = { ...runs, change: () => Promise.reject(serverError()) };
    await expect(world.workJob()).rejects.toThrow();
    world.deps.runs = runs;
    // As one that waits for its caller's next day: that claim was taken back.
    for (const run of [...world.runs.runs.values()])
      world.runs.runs.set(run.id, { ...run, status: 'queued', attempts: 0, lease: null });
    await stopFile(world.file().id, 'cancelled', world.deps);
    await world.work();
    expect((await world.summary()).counts).toMatchObject({ not_begun: 3, completed: 0 });
    expect((await world.rows()).map(({ error }) => error.code)).toEqual(Array(3).fill('cancelled'));
  });

  test('leaves a run alone that a worker begins while the file is stopped', async () => {
    const world = await begun(3, 0);
    let open = () => {};
    const slow = new Promise<void>((resolve) => (open = resolve));
    const { generateOne, runs } = world.deps;
    world.deps.generateOne = async (input) => {
      await slow;
      return generateOne(input);
    };
    const working = world.workJob();
    await expect
      .poll(() => [...world.runs.runs.values()].map(({ status }) => status))
      .toEqual(['generating']);
    // The stop has read the run as it was before its claim.
    const before = ({ lease: _, ...run }: Run): Run => ({
      ...run,
      status: 'queued',
      lease: null,
      attempts: 0,
      dueAt: 1,
    });
    world.deps.runs = { ...runs, get: async (id) => runs.get(id).then((run) => run && before(run)) };
    await stopFile(world.file().id, 'cancelled', world.deps);
    await world.workMessage();
    world.deps.runs = runs;
    open();
    await working;
    await world.work();
    expect((await world.summary()).counts).toMatchObject({ completed: 1, not_begun: 2 });
  });

  test('finishes a line whose run is under way', async () => {
    const world = await begun(3, 0);
    const [job] = world.jobs.bodies();
    let open = () => {};
    const slow = () => new Promise<void>((resolve) => (open = resolve));
    const { generateOne } = world.deps;
    world.deps.generateOne = async (input) => {
      await slow();
      return generateOne(input);
    };
    const working = world.workJob();
    await expect.poll(() => world.runs.runs.size).toBe(1);
    await stopFile(world.file().id, 'cancelled', world.deps);
    open();
    await working;
    await world.work();
    expect(job).toBeDefined();
    expect((await world.rows()).map(({ status }) => status)).toEqual(['completed', 'failed', 'failed']);
  });

  test('sends no job of a number of lines in flight that cannot be', async () => {
    const world = makeFileWorld({ limits: { ...SMALL, blockLines: 60, firstWindow: 4 } });
    await world.take(KEY, prompts(...numbered(60)));
    let open = () => {};
    const slow = new Promise<void>((resolve) => (open = resolve));
    const { generateOne } = world.deps;
    world.deps.generateOne = async (input) => {
      await slow;
      return generateOne(input);
    };
    const working = world.workJob();
    await expect.poll(() => world.runs.runs.size).toBe(1);
    await stopFile(world.file().id, 'cancelled', world.deps);
    while (await world.workMessage()) {}
    open();
    await working;
    const counts = world.jobs.bodies().flatMap((job) => (job.type === 'line' ? [job.in_flight ?? 1] : []));
    expect(Math.min(1, ...counts)).toBe(1);
    await world.work();
    expect((await world.summary()).counts).toMatchObject({ completed: 1, not_begun: 59 });
  });

  const expectCancelled = async (world: ReturnType<typeof makeFileWorld>) => {
    await stopFile(world.file().id, 'cancelled', world.deps);
    while (await world.workMessage()) {}
    expect((await world.rows()).map(({ status, error }) => [status, error.code])).toEqual(
      Array(3).fill(['failed', 'cancelled']),
    );
    expect(world.file()).toMatchObject({ status: 'completed_with_errors', dueAt: null });
  };

  test("does not wait for lines that wait for the next day's budget", async () => {
    const world = makeFileWorld({ limits: SMALL });
    await world.budgets.set('files', { tokens: 3_000, costUsd: null });
    const today = { caller: 'files', day: dayOf(world.clock.now()) };
    await world.spend.reserve(today, { tokens: 1_000, nanoUsd: 0 }, { tokens: null, nanoUsd: null });
    await world.take(KEY, prompts(...numbered(3)));
    while (await world.workJob()) {}
    expect(world.runs.runs.size).toBe(0);
    await expectCancelled(world);
  });

  test('does not wait for lines that the model server throttles', async () => {
    const world = makeFileWorld({ limits: SMALL });
    throttle(world);
    await world.take(KEY, prompts(...numbered(3)));
    while (await world.workJob()) {}
    const statuses = () => [...world.runs.runs.values()].map(({ status }) => status);
    expect(statuses()).toEqual(Array(3).fill('queued'));
    await expectCancelled(world);
    expect(statuses()).toEqual(Array(3).fill('cancelled'));
  });

  test('does not wait for lines of a file that has reached its max_cost_usd before', async () => {
    const world = makeFileWorld({ limits: SMALL });
    throttle(world);
    await world.take(KEY, prompts(...numbered(3)));
    while (await world.workJob()) {}
    await stopFile(world.file().id, 'max_cost_reached', world.deps);
    while (await world.workMessage()) {}
    expect(world.file().status).toBe('generating');
    await expectCancelled(world);
  });

  test('cancels lines that are still under way after half a minute, also those of a dead worker', async () => {
    const world = await begun(3, 0);
    world.deps.generateOne = () => new Promise(() => {});
    for (let line = 0; line < 3; line += 1) void world.workJob();
    await expect.poll(() => [...world.runs.runs.values()].filter(({ lease }) => lease)).toHaveLength(3);
    await stopFile(world.file().id, 'cancelled', world.deps);
    while (await world.workMessage()) {}
    expect(world.file().status).toBe('generating');
    await world.clock.advance(30_000);
    while (await world.workMessage()) {}
    expect(world.file()).toMatchObject({ status: 'completed_with_errors', dueAt: null });
    expect((await world.rows()).map(({ error }) => error.code)).toEqual(Array(3).fill('cancelled'));
  });

  test('again, or after its end, does not change', async () => {
    const world = await begun(2, 2);
    await world.work();
    expect((await stopFile(world.file().id, 'cancelled', world.deps)).stopped).toBeNull();
    const other = await begun(9, 1);
    const first = await stopFile(other.file().id, 'cancelled', other.deps);
    await other.clock.advance(1_000);
    expect((await stopFile(other.file().id, 'max_cost_reached', other.deps)).stopped).toEqual(first.stopped);
  });

  test('ends even when none of its lines is under way', async () => {
    const world = await begun(9, 6);
    // The messages of the sixth line are lost in effect: the rest waits in a queue that nobody reads.
    const { id } = world.file();
    await world.files.change(id, { sentBlocks: 2 }, {});
    await stopFile(id, 'cancelled', world.deps);
    while (await world.workMessage()) {}
    expect((await world.rows()).filter(({ status }) => status === 'completed')).toHaveLength(6);
  });
});

describe('a file with max_cost_usd', () => {
  const COST = 0.000_2;
  const limited = (count: number) =>
    jsonLines({ defaults: { max_cost_usd: COST, max_tokens: 100 } }) + prompts(...numbered(count));

  test('is stopped before it can cost more, by the actual cost of its lines', async () => {
    const world = makeFileWorld({ limits: SMALL });
    await world.take(KEY, limited(80));
    await world.work();
    const { cost_usd, counts, stopped } = await world.summary();
    expect(stopped.code).toBe('max_cost_reached');
    expect(cost_usd).toBeLessThanOrEqual(COST);
    // By the upper bounds alone, one line would have been the limit.
    expect(counts.completed).toBeGreaterThan(3);
    expect(counts.completed + counts.not_begun).toBe(80);
    const spent = await world.deps.spend.get({ fileId: world.file().id });
    expect(spent?.nanoUsd).toBe(Math.round(cost_usd * 1e9));
  });

  test('reuses the lines of an earlier file at no cost', async () => {
    const world = makeFileWorld();
    await world.take(KEY, jsonLines({ defaults: { max_tokens: 100 } }) + prompts('a', 'b'));
    await world.work();
    const nothing = jsonLines({ defaults: { max_cost_usd: 1e-9, max_tokens: 100 } });
    await world.take(KEY, nothing + prompts('a', 'b', 'c'));
    await world.work();
    const text = await world.content.get(`results/${KEY}.jsonl`);
    const rows = text
      .trimEnd()
      .split('\n')
      .map((row) => JSON.parse(row));
    expect(rows.map(({ error }) => error?.code ?? null)).toEqual([null, null, 'max_cost_reached']);
  });

  test('refuses a line without a known price', async () => {
    const world = makeFileWorld({ priceOf: () => undefined });
    await world.take(KEY, limited(1));
    await world.work();
    expect(await world.rows()).toMatchObject([{ run_id: null, error: { code: 'price_unknown' } }]);
  });
});

test('results of a key that is too long for their names are stored under the id of the file', async () => {
  const world = makeFileWorld();
  await world.take(`prompts/${'k'.repeat(1_000)}.jsonl`, prompts('one'));
  await world.work();
  expect(await world.content.get(`results/${world.file().id}.jsonl`)).toContain('About one');
  const keys = [...world.content.objects.keys()].filter((key) => key.startsWith('results/'));
  expect(keys.every((key) => Buffer.byteLength(key) <= 1_024)).toBe(true);
});
