import { beforeEach, describe, expect, test } from 'vitest';
import { createComparison } from '../../../lib/comparisons/create.ts';
import { estimateComparison } from '../../../lib/comparisons/estimate.ts';
import { readComparison } from '../../../lib/comparisons/read.ts';
import { UNLIMITED } from '../../../lib/limits/caller-limits.ts';
import { makeComparing } from '../../factories/comparison.ts';
import { makeGenerateOne } from '../../factories/generation.ts';
import { makeWorld, type World } from '../../memory/world.ts';

let world: World;
const useWorld = (own: Parameters<typeof makeWorld>[0] = {}) => {
  world = makeWorld({ generateOne: makeGenerateOne(() => 'An answer of some words'), ...own });
};
beforeEach(() => useWorld());

const PROMPT = 'Explain vector databases in a technical manner.';
const body = {
  prompts: [PROMPT, 'Explain embeddings.'],
  settings: [{ label: 'a' }, { label: 'b', model: 'gpt-6-sol', max_tokens: 50 }],
  samples: 3,
  max_tokens: 100,
};
const estimate = (own: object = {}, caller = 'docs') =>
  estimateComparison({ ...body, ...own }, caller, world.deps);
const run = async (own: object = {}) => {
  const comparing = makeComparing(world);
  const { id } = await createComparison({ ...body, ...own }, { caller: 'docs' }, world.deps);
  await comparing.work();
  await comparing.embed();
  return readComparison(id, 'docs', world.deps);
};

describe('the estimate of a comparison', () => {
  test('counts generations and warm-ups, and is highest where a budget would reserve it', async () => {
    const found = await estimate();
    expect(found).toMatchObject({
      object: 'comparison.estimate',
      blocks: 6,
      generations: 12,
      warm_ups: 2,
      unpriced: [],
      budget: null,
      completion_tokens: { low: 12 * 16 + 2 * 16, typical: null, high: 6 * 100 + 6 * 50 + 2 * 16 },
      settings: [
        { label: 'a', model: 'gpt-6-luna', generations: 6, earlier_outputs: 0 },
        { label: 'b', model: 'gpt-6-sol', completion_tokens: { low: 96, typical: null, high: 300 } },
      ],
    });
    expect(found.prompt_tokens.low).toBeGreaterThanOrEqual(Math.ceil((6 * (47 + 19)) / 6));
    // 0.1 USD for a million prompt tokens, 0.4 for a million others: each generation is rounded up by a billionth at most.
    const high = (0.1 * found.prompt_tokens.high + 0.4 * found.completion_tokens.high) / 1e6;
    expect(found.cost_usd?.high).toBeGreaterThanOrEqual(high - 1e-12);
    expect(found.cost_usd?.high).toBeLessThanOrEqual(high + 14e-9);
    expect(found.cost_usd?.typical).toBeNull();
    expect(found.based_on[0]).toContain('gpt-6-luna: no output in your last 100 runs');
  });

  test('generates nothing and stores nothing', async () => {
    await estimate();
    expect([world.runs.runs.size, world.files.files.size, world.content.objects.size]).toEqual([0, 0, 0]);
    expect(world.fileQueue.receive()).toBeUndefined();
  });

  test('contains the cost and the tokens that the comparison then has', async () => {
    await run();
    const { cost_usd, completion_tokens, settings } = await estimate();
    const view = await run();
    const costs = [
      ...view.settings.map((setting) => setting.cost_usd.total ?? 0),
      view.warm_up.cost_usd ?? 0,
    ];
    const cost = costs.reduce((sum, each) => sum + each);
    expect(cost_usd?.low).toBeLessThanOrEqual(cost);
    expect(cost_usd?.high).toBeGreaterThanOrEqual(cost);
    for (const [at, { completion_tokens: told, n }] of view.settings.entries()) {
      expect(settings[at]?.completion_tokens.typical).toBeCloseTo((told.mean ?? 0) * n);
    }
    expect(completion_tokens.typical).not.toBeNull();
  });

  test('takes the typical length and speed from earlier outputs of the same caller and model', async () => {
    const view = await run({ settings: [{ label: 'a' }] });
    const [luna, sol] = (await estimate()).settings;
    expect(luna).toMatchObject({ earlier_outputs: 6 });
    expect(luna?.e2e_ms.typical).not.toBeNull();
    expect(luna?.completion_tokens.typical).toBe((view.settings[0]?.completion_tokens.mean ?? 0) * 6);
    expect(sol).toMatchObject({ earlier_outputs: 0, e2e_ms: { typical: null } });
    const { settings, based_on } = await estimate({}, 'other');
    expect(settings.map(({ earlier_outputs }) => earlier_outputs)).toEqual([0, 0]);
    expect(based_on.join(' ')).toContain('no output in your last 100 runs');
  });

  test('has no longer outputs than max_tokens allows, whatever earlier ones had', async () => {
    await run();
    const { settings } = await estimate({ max_tokens: 2 });
    expect(settings[0]?.completion_tokens).toEqual({ low: 12, typical: 12, high: 12 });
  });

  test('names the models whose price is not known', async () => {
    const price = { input: 1, cached: 1, output: 1, price: { source: 'genai-prices', as_of: '2026-11-01' } };
    useWorld({ priceOf: ({ model }) => (model === 'gpt-6-sol' ? undefined : price) });
    const found = await estimate();
    expect(found).toMatchObject({ cost_usd: null, unpriced: ['gpt-6-sol'] });
    expect(found.settings.map(({ cost_usd }) => cost_usd === null)).toEqual([false, true]);
    expect(found.based_on.join(' ')).toContain('The price of gpt-6-sol is not known');
  });

  test('says whether what is left of the day’s budget covers it', async () => {
    const { tokens } = await estimate();
    const fits = async (limit: { tokens: number | null; costUsd: number | null }) => {
      await world.budgets.set('docs', limit);
      return (await estimate()).budget;
    };
    expect(await fits({ tokens: tokens.high, costUsd: null })).toMatchObject({
      fits: 'yes',
      tokens_left: tokens.high,
      cost_usd_left: null,
    });
    expect(await fits({ tokens: tokens.high - 1, costUsd: null })).toMatchObject({ fits: 'maybe' });
    expect(await fits({ tokens: tokens.low - 1, costUsd: null })).toMatchObject({ fits: 'no' });
    expect(await fits({ tokens: null, costUsd: 1 })).toMatchObject({ fits: 'yes', cost_usd_left: 1 });
    expect(await fits({ tokens: null, costUsd: 0 })).toMatchObject({ fits: 'no' });
  });

  test('knows how many blocks are generated at once: the share of the caller, the workers, or ten', async () => {
    const many = { samples: 30 };
    expect((await estimate(many)).blocks_at_once).toBe(10);
    useWorld({ callerLimits: { ...UNLIMITED, workers: 5 } });
    expect(await estimate(many)).toMatchObject({ blocks: 60, blocks_at_once: 5 });
    useWorld({ callerLimits: { ...UNLIMITED, workers: 5, keptForOthersPercent: 20 } });
    expect((await estimate(many)).blocks_at_once).toBe(4);
    expect((await estimate({ prompts: ['x'], samples: 1 })).blocks_at_once).toBe(1);
  });

  test('refuses what the comparison would be refused for', async () => {
    const refused = (own: object) => estimate(own).catch((error: { code: string; message: string }) => error);
    const created = (own: object) =>
      createComparison({ ...body, ...own }, { caller: 'docs' }, world.deps).catch((error: Error) => error);
    const bad = [
      { prompts: [] },
      { settings: [{ label: 'a', top_p: 2 }], name: '' },
      { samples: 64, prompts: Array.from({ length: 50 }, () => 'x') },
      { prompts: Array.from({ length: 40 }, () => 'x'.repeat(300_000)), samples: 2 },
      { prompts: ['x'.repeat(600_000)] },
      { stream: true },
    ];
    for (const own of bad) {
      const [first, second] = [await refused(own), await created(own)];
      expect(first).toBeInstanceOf(Error);
      expect(first).toEqual(second);
    }
  });
});
