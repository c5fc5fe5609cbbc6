import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { makeBudget } from '../../../lib/budget/budget.ts';
import { readBudget, setBudget } from '../../../lib/budget/daily.ts';
import { generateJob } from '../../../lib/files/work/generate-job.ts';
import type { GenerateOne } from '../../../lib/generate/generate-one.ts';
import { cancelRun } from '../../../lib/lifecycle/cancel.ts';
import { deleteRun } from '../../../lib/lifecycle/delete.ts';
import { makeStartRun } from '../../../lib/lifecycle/start.ts';
import { sweep } from '../../../lib/operate/sweep.ts';
import { beginAttempt, makeGenerateOne, serverError } from '../../factories/generation.ts';
import { settled } from '../../memory/clock.ts';
import { makeWorld, type World } from '../../memory/world.ts';

let world: World;
beforeEach(() => {
  world = makeWorld();
});

const PROMPT = 'Explain neural nets.';
/** The bound of one generation of it with 80 tokens: a server of unknown kind has a margin of 1,024 + 16 tokens. */
const SENT = JSON.stringify({
  max_tokens: 80,
  model: 'gpt-6-luna',
  messages: [{ role: 'user', content: PROMPT }],
  stream: true,
  stream_options: { include_usage: true },
}).length;
const BOUND = SENT + 1_024 + 16 + 80;
const ask = (body: Record<string, unknown> = {}, own: { key?: string; generateOne?: GenerateOne } = {}) => {
  const deps = { ...world.deps, ...(own.generateOne && { generateOne: own.generateOne }) };
  return makeStartRun(deps)(
    { prompt: PROMPT, max_tokens: 80, ...body },
    { caller: 'docs', ...(own.key !== undefined && { idempotencyKey: own.key }) },
  );
};
const finish = async (...of: Parameters<typeof ask>) => {
  const started = await ask(...of);
  return started.kind === 'started' ? started.done : started.run;
};
const used = async (day = '2026-11-22') => world.spend.get({ caller: 'docs', day });
const limit = (tokens: number | null, costUsd: number | null = null) =>
  world.budgets.set('docs', { tokens, costUsd });

describe('a caller with a daily budget of tokens', () => {
  beforeEach(() => limit(2.5 * BOUND));

  test('has the upper bound of a run reserved while it is generated, and its actual usage counted afterwards', async () => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const slow = makeGenerateOne(async () => {
      await gate;
      return 'one two three';
    });
    const started = await ask({}, { generateOne: slow });
    expect(await used()).toMatchObject({ tokens: BOUND });
    expect(await world.runs.get(started.run.id)).toMatchObject({
      reserved: { day: '2026-11-22', tokens: BOUND },
      chargedOn: '2026-11-22',
    });
    open();
    if (started.kind === 'started') await started.done;
    expect(await used()).toMatchObject({ tokens: 12 }); // 9 + 3, as the server counted them
    expect(await world.runs.get(started.run.id)).toMatchObject({ reserved: null, chargedOn: '2026-11-22' });
  });

  test('is refused a run that exceeds the rest, with the time until midnight UTC, and the run leaves no trace', async () => {
    await expect(ask({ samples: 3 })).rejects.toMatchObject({
      code: 'over_budget',
      retryAfterMs: Date.UTC(2026, 10, 23) - world.clock.now(),
    });
    await expect(ask({ samples: 3, background: true })).rejects.toMatchObject({ code: 'over_budget' });
    expect(world.runs.runs.size).toBe(0);
    expect(world.content.objects.size).toBe(0);
    expect(await used()).toBeUndefined();
    await finish({ samples: 2 });
  });

  test('pays once for a repeated request', async () => {
    await finish({}, { key: 'order-1' });
    const after = await used();
    expect(await ask({}, { key: 'order-1' })).toMatchObject({ kind: 'replayed' });
    expect(await used()).toEqual(after);
  });

  test('is charged nothing for a run that failed before a token', async () => {
    await finish({}, { generateOne: makeGenerateOne(() => null) });
    expect(await used()).toMatchObject({ tokens: 0 });
  });

  test('gets the reservation of a queued run back when it is cancelled', async () => {
    const { run } = await ask({ background: true });
    expect(await used()).toMatchObject({ tokens: BOUND });
    await cancelRun(run.id, 'docs', world.deps);
    expect(await used()).toMatchObject({ tokens: 0 });
  });

  test('gets the reservation of a queued run back when it is deleted', async () => {
    const { run } = await ask({ background: true });
    await deleteRun(run.id, 'docs', world.deps);
    expect(await used()).toMatchObject({ tokens: 0 });
  });

  test('pays the possible cost of a cancelled run', async () => {
    const waiting: GenerateOne = async (task) => {
      await beginAttempt(task);
      return new Promise((_, reject) =>
        task.signal.addEventListener('abort', () => reject(task.signal.reason)),
      );
    };
    const started = await ask({ samples: 2 }, { generateOne: waiting });
    await settled();
    await cancelRun(started.run.id, 'docs', world.deps);
    await world.clock.advance(20_000);
    if (started.kind === 'started') expect((await started.done).status).toBe('cancelled');
    expect(await used()).toMatchObject({ tokens: 2 * BOUND });
  });

  test('is charged once for a background run, when it was accepted on the same day', async () => {
    const { run } = await ask({ background: true });
    await generateJob({ type: 'run', run_id: run.id }, world.deps);
    expect(await world.runs.get(run.id)).toMatchObject({ status: 'generated' });
    expect((await used())?.tokens).toBeLessThan(50);
  });

  test('is charged on the new day for a run that waited past midnight', async () => {
    const { run } = await ask({ background: true });
    await world.clock.advance(12 * 3_600_000);
    await generateJob({ type: 'run', run_id: run.id }, world.deps);
    expect(await world.runs.get(run.id)).toMatchObject({ status: 'generated', chargedOn: '2026-11-23' });
    expect((await used('2026-11-23'))?.tokens).toBeGreaterThan(0);
  });

  test('has a run of a lost worker reserved anew, and the run waits for the next day if that exceeds the budget', async () => {
    const started = await ask({ samples: 2 }, { generateOne: () => new Promise(() => {}) });
    // The worker dies, and its lease is not renewed any more.
    await world.runs.change(started.run.id, { lease: { token: 'dead', until: world.clock.now() } }, {});
    await world.clock.advance(1);
    await generateJob({ type: 'run', run_id: started.run.id }, world.deps);
    expect(await world.runs.get(started.run.id)).toMatchObject({
      status: 'queued',
      attempts: 1,
      dueAt: Date.UTC(2026, 10, 23),
    });
    await world.clock.advance(Date.UTC(2026, 10, 23) - world.clock.now());
    await sweep(world.deps);
    const job = world.jobs.receive();
    expect(job?.body).toEqual({ type: 'run', run_id: started.run.id });
    if (job) await generateJob(job.body, world.deps);
    expect(await world.runs.get(started.run.id)).toMatchObject({ status: 'generated' });
  });

  test('is over-charged, never under-charged, when the settling write fails', async () => {
    const spend = { ...world.spend, adjust: async () => Promise.reject(serverError()) };
    const budget = makeBudget({ ...world.deps, spend, priceOf: () => undefined });
    const started = await makeStartRun({ ...world.deps, budget })(
      { prompt: PROMPT, max_tokens: 80 },
      { caller: 'docs' },
    );
    if (started.kind === 'started') expect((await started.done).status).toBe('generated');
    expect(await used()).toMatchObject({ tokens: BOUND });
    expect(world.log.named('budget.over_counted')).toHaveLength(1);
  });

  test('sees the rest of the budget', async () => {
    await finish({});
    expect(await readBudget('docs', world)).toEqual({
      day: '2026-11-22',
      resets_at: '2026-11-23T00:00:00.000Z',
      tokens: { limit: 2.5 * BOUND, used: expect.any(Number), left: expect.any(Number) },
      cost_usd: null,
    });
    expect(await readBudget('other', world)).toBeNull();
  });
});

describe('a caller with a daily budget in USD', () => {
  test('is refused a run that could cost more, at the price of the model', async () => {
    await limit(null, ((BOUND - 80) * 0.1 + 80 * 0.4) / 1e6);
    await finish({});
    await world.clock.advance(60_000);
    await expect(finish({})).rejects.toMatchObject({ code: 'over_budget' });
  });

  test('is refused a model without a known price, by its name', async () => {
    world = makeWorld({ priceOf: () => undefined });
    await limit(null, 5);
    await expect(ask({ model: 'llama-9' })).rejects.toMatchObject({
      code: 'price_unknown',
      issues: [{ path: 'model', message: expect.stringContaining('llama-9') }],
    });
    expect(world.runs.runs.size).toBe(0);
  });
});

test('a caller without a budget has no counters', async () => {
  await finish({});
  expect(await used()).toBeUndefined();
});

test('a new budget applies within a minute', async () => {
  await finish({});
  await limit(10);
  await finish({});
  await world.clock.advance(60_001);
  await expect(ask({})).rejects.toMatchObject({ code: 'over_budget' });
});

test('many concurrent requests never reserve more than the budget', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 12 }), async (asked) => {
      world = makeWorld({ generateOne: makeGenerateOne(() => 'one two') });
      await limit(600 + 3 * BOUND);
      const ends = await Promise.allSettled(asked.map((max_tokens) => finish({ max_tokens })));
      const through = ends.filter(({ status }) => status === 'fulfilled').length;
      // Each used 9 + 2 tokens by the server's usage.
      expect((await used())?.tokens ?? 0).toBe(11 * through);
      expect(world.runs.runs.size).toBe(through);
    }),
    { numRuns: 30 },
  );
});

test('a budget that was removed and set again counts what was used in between', async () => {
  await limit(1_000_000);
  await finish({});
  const before = await used();
  await setBudget('docs', undefined, world.deps);
  await world.clock.advance(60_001);
  await finish({});
  await finish({});
  expect(await used()).toEqual(before);
  await setBudget('docs', { tokens: 1_000_000, costUsd: null }, world.deps);
  expect((await used())?.tokens).toBe(3 * (before?.tokens ?? 0));
  // The usage of attempts beside the outputs is kept, too.
  await world.spend.adjust({ caller: 'docs', day: '2026-11-22' }, { tokens: 500, nanoUsd: 0 });
  const counted = await used();
  await setBudget('docs', undefined, world.deps);
  await setBudget('docs', { tokens: 1_000_000, costUsd: null }, world.deps);
  expect(await used()).toEqual(counted);
});

test('a budget that was removed and set again keeps what searches used beside the runs', async () => {
  await limit(1_000_000);
  await finish({});
  const before = await used();
  const { budget } = world.deps;
  const reserved = await budget.reserveRequest('docs', { tokens: 300, nanoUsd: 0 });
  await budget.settle('docs', reserved, { tokens: 40, nanoUsd: 0 });
  await setBudget('docs', undefined, world.deps);
  await world.clock.advance(60_001);
  await finish({});
  await setBudget('docs', { tokens: 1_000_000, costUsd: null }, world.deps);
  expect(await used()).toMatchObject({
    tokens: 2 * (before?.tokens ?? 0) + 40,
    requests: { tokens: 40, nanoUsd: 0 },
  });
});

test('a request that is no run is refused beyond the budget, and without a price that a budget in USD needs', async () => {
  const { budget } = world.deps;
  const unpriced = { tokens: 10, nanoUsd: null };
  expect(await budget.reserveRequest('docs', unpriced, { pricedModel: 'm' })).toBeNull();
  await limit(100, 1);
  await world.clock.advance(60_001);
  await expect(budget.reserveRequest('docs', unpriced, { pricedModel: 'm' })).rejects.toMatchObject({
    code: 'price_unknown',
    issues: [{ path: 'model' }],
  });
  await expect(budget.reserveRequest('docs', { tokens: 101, nanoUsd: 0 })).rejects.toMatchObject({
    code: 'over_budget',
  });
  expect(await budget.reserveRequest('docs', unpriced)).toMatchObject({ tokens: 10, nanoUsd: 0 });
});
