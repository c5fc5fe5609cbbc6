import { describe, expect, test } from 'vitest';
import { settingSummary, wallTimeMs } from '../../../lib/comparisons/setting-summary.ts';
import { makeBlocks } from '../../factories/measured-block.ts';

const setting = { label: 'a', model: 'm', requested: { top_k: 40 } };
const context = { objectives: null, hasChecks: false, wallTimeMs: 2_000 };

describe('a setting’s summary', () => {
  test('leaves cold starts out of the times and keeps them in tokens and cost', () => {
    const blocks = makeBlocks([
      [{ ttftMs: 100, e2eMs: 1000, completionTokens: 50, costUsd: 0.1 }],
      [{ ttftMs: 200, e2eMs: 2000, completionTokens: 50, costUsd: 0.3 }],
      [{ ttftMs: 900, e2eMs: 3000, completionTokens: 80, costUsd: null, coldStart: true }],
      ['failed'],
    ]);
    const summary = settingSummary(setting, 0, blocks, context);
    expect(summary).toMatchObject({ label: 'a', n: 3, failed: 1 });
    expect(summary.ttft_ms).toMatchObject({ n: 2, mean: 150, max: 200 });
    expect(summary.e2e_ms).toMatchObject({ n: 2, p50: 1500 });
    expect(summary.tokens_per_second).toMatchObject({ n: 2, min: 25, max: 50 });
    expect(summary.cold).toMatchObject({ n: 1, ttft_ms: { n: 1, mean: 900 }, e2e_ms: { mean: 3000 } });
    expect(summary.completion_tokens).toMatchObject({ n: 3, mean: 60 });
    expect(summary.cost_usd).toEqual({ total: 0.4, mean: 0.2, unpriced: 1 });
    expect(summary).toMatchObject({ objectives_met: null, goodput_per_s: null, pass_rate: null });
  });

  test('leaves uncertain times out of their own spread, and counts them', () => {
    const blocks = makeBlocks([
      [{ ttftMs: 100, e2eMs: 1000, completionTokens: 50 }],
      [{ ttftMs: 900, e2eMs: 2000, completionTokens: 50, uncertain: ['ttft_ms'] }],
      [{ ttftMs: 900, e2eMs: 9000, completionTokens: 50, uncertain: ['ttft_ms', 'e2e_ms'] }],
      [{ ttftMs: 900, coldStart: true, uncertain: ['ttft_ms'] }],
    ]);
    const summary = settingSummary(setting, 0, blocks, context);
    expect(summary).toMatchObject({ n: 4, uncertain: { ttft_ms: 2, tpot_ms: 0, e2e_ms: 1 } });
    expect(summary.ttft_ms).toMatchObject({ n: 1, p50: 100, p50_interval: null });
    expect(summary.tokens_per_second).toMatchObject({ n: 2, max: 50 });
  });

  test('counts its failures by error code, the most frequent first', () => {
    const [one, two, three, four] = makeBlocks([['failed'], ['failed'], ['failed'], [{}]]);
    if (!one || !two || !three || !four) throw new Error('there are four blocks');
    const blocks = [{ ...one, errorCodes: ['upstream_timeout'] }, two, three, four];
    const summary = settingSummary(setting, 0, blocks, context);
    expect(Object.entries(summary.errors)).toEqual([
      ['model_not_found', 2],
      ['upstream_timeout', 1],
    ]);
  });

  test('has intervals of p50 from six times on, and of p90 from 29 on', () => {
    const of = (n: number) =>
      settingSummary(
        setting,
        0,
        makeBlocks(Array.from({ length: n }, (_, at) => [{ ttftMs: at + 1 }])),
        context,
      ).ttft_ms;
    expect(of(5)).toMatchObject({ p50_interval: null, p90_interval: null });
    expect(of(6)).toMatchObject({ p50_interval: [1, 6], p90_interval: null });
    expect(of(29).p90_interval?.[1]).toBe(29);
  });

  test('has no cost without a known price', () => {
    const summary = settingSummary(setting, 0, makeBlocks([[{ costUsd: null }]]), context);
    expect(summary.cost_usd).toEqual({ total: null, mean: null, unpriced: 1 });
  });

  test('counts towards goodput the generations that meet every objective; a failure or an unknown figure misses', () => {
    const blocks = makeBlocks([
      [{ ttftMs: 100, tpotMs: 10 }],
      [{ ttftMs: 50, tpotMs: 5 }],
      [{ ttftMs: 101, tpotMs: 5 }],
      [{ ttftMs: 50, tpotMs: 11 }],
      [{ ttftMs: 50, tpotMs: null }],
      ['failed'],
    ]);
    const objectives = { max_ttft_ms: 100, max_tpot_ms: 10 };
    const summary = settingSummary(setting, 0, blocks, { ...context, objectives });
    expect(summary).toMatchObject({ objectives_met: 2, goodput_per_s: 1 });
  });

  test('has a pass rate over the outputs that were checked', () => {
    const blocks = makeBlocks([[{ passed: true }], [{ passed: false }], [{ passed: true }], ['failed']]);
    const summary = settingSummary(setting, 0, blocks, { ...context, hasChecks: true });
    expect(summary.pass_rate).toMatchObject({ n: 3, passed: 2 });
  });
});

describe('the wall time of a comparison', () => {
  test('is from the first dispatch to the last end', () => {
    const blocks = makeBlocks([
      [
        { startedAt: 1_000, e2eMs: 500 },
        { startedAt: 1_200, e2eMs: 100 },
      ],
      [{ startedAt: 900, e2eMs: 50 }, 'failed'],
    ]);
    expect(wallTimeMs(blocks)).toBe(600);
  });

  test('is unknown without figures', () => {
    expect(wallTimeMs(makeBlocks([['failed']]))).toBeNull();
  });
});
