import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { awsUsd, idleCost, runCost, totalUsd } from '../../../tools/scale/cost.ts';
import { MEASURED, WAYS } from '../../../tools/scale/measured.ts';
import { runUsage } from '../../../tools/scale/run-usage.ts';
import { UNIT_PRICES, usdOf } from '../../../tools/scale/unit-prices.ts';
import { generationMs, TYPICAL, type Workload } from '../../../tools/scale/workload.ts';

const workloads: fc.Arbitrary<Workload> = fc.record({
  way: fc.constantFrom(...WAYS),
  promptTokens: fc.integer({ min: 1, max: 10_000 }),
  outputTokens: fc.integer({ min: 1, max: 20_000 }),
  ttftMs: fc.integer({ min: 0, max: 10_000 }),
  tokensPerSecond: fc.integer({ min: 1, max: 500 }),
  embedBatch: fc.constantFrom(1, 50),
  embeddingsMs: fc.integer({ min: 0, max: 5_000 }),
  upsertMs: fc.integer({ min: 0, max: 5_000 }),
  awsCallMs: fc.integer({ min: 0, max: 100 }),
  model: fc.constantFrom('gpt-6-luna', 'gpt-4o-mini'),
});
const costOf = (workload: Workload, runs = 1): number =>
  totalUsd(runCost(runUsage(MEASURED, workload), workload, runs));

describe('the usage of a run', () => {
  test('includes the time of its model: the time to the first token, then the time of each further token', () => {
    expect(generationMs({ ...TYPICAL, ttftMs: 500, outputTokens: 101, tokensPerSecond: 50 })).toBe(2_500);
    expect(generationMs({ ...TYPICAL, ttftMs: 500, outputTokens: 1 })).toBe(500);
    const fast = runUsage(MEASURED, { ...TYPICAL, ttftMs: 0, outputTokens: 1 });
    const slow = runUsage(MEASURED, { ...TYPICAL, ttftMs: 3_000, outputTokens: 1 });
    expect(slow.generateMs - fast.generateMs).toBeCloseTo(3_000);
  });

  test('includes a renewal of the lease every 20 seconds, and the sweep each minute', () => {
    const of = (ttftMs: number) => runUsage(MEASURED, { ...TYPICAL, ttftMs, outputTokens: 1 });
    expect(of(19_999).tableWrites).toBe(of(0).tableWrites);
    expect(of(40_000).tableWrites - of(0).tableWrites).toBeCloseTo(2, 9);
    expect(of(40_000).dueWrites).toBe(of(0).dueWrites);
    expect(of(60_000).tableWrites - of(0).tableWrites).toBeCloseTo(3 + 1 + 2, 9);
    expect(of(60_000).dueWrites - of(0).dueWrites).toBe(2);
  });

  test('is a finite number of at least zero for any workload', () => {
    fc.assert(
      fc.property(workloads, (workload) => {
        for (const [name, value] of Object.entries(runUsage(MEASURED, workload)))
          expect([name, Number.isFinite(value) && value >= 0]).toEqual([name, true]);
      }),
    );
  });

  test('is lower when 50 runs share a batch of embed', () => {
    for (const way of WAYS) {
      const of = (embedBatch: number) => runUsage(MEASURED, { ...TYPICAL, way, embedBatch });
      expect(of(50).queueRequests).toBeLessThan(of(1).queueRequests);
      expect(of(50).invocations).toBeLessThan(of(1).invocations);
      expect(of(50).logBytes).toBeLessThan(of(1).logBytes);
    }
  });
});

describe('the cost of runs', () => {
  test('follows the unit of each price', () => {
    expect(usdOf('event', 2_000_000)).toBeCloseTo(2);
    expect(usdOf('objectWrite', 1_000)).toBeCloseTo(0.005);
    expect(usdOf('lambdaGbSecond', 1)).toBe(0.0000133334);
  });

  test('grows in proportion to their number, and never falls with more tokens', () => {
    fc.assert(
      fc.property(workloads, fc.integer({ min: 1, max: 1_000_000 }), (workload, runs) => {
        const one = costOf(workload);
        expect(costOf(workload, runs) / (one * runs)).toBeCloseTo(1, 9);
        expect(costOf({ ...workload, outputTokens: workload.outputTokens + 1 })).toBeGreaterThan(one);
        expect(costOf({ ...workload, ttftMs: workload.ttftMs + 1 })).toBeGreaterThan(one);
      }),
    );
  });

  test('is an error that names a model without a known price', () => {
    expect(() => costOf({ ...TYPICAL, model: 'everytoken-ngram' })).toThrow('no price of everytoken-ngram');
  });

  test('uses prices with a source and a date', () => {
    for (const { source, asOf, usd, per } of Object.values(UNIT_PRICES)) {
      expect(URL.canParse(source)).toBe(true);
      expect(asOf).toMatch(/^(?:\d{4}(?:-\d\d(?:-\d\d)?)?|undated)$/);
      expect([usd > 0, per > 0]).toEqual([true, true]);
    }
  });
});

test('an idle month costs the polls of the queues and the alarms', () => {
  const of = (standing: { mappings: number; alarmMetrics: number }) =>
    totalUsd(idleCost(MEASURED, standing, TYPICAL));
  const none = { mappings: 0, alarmMetrics: 0 };
  expect(of({ ...none, alarmMetrics: 10 }) - of(none)).toBeCloseTo(1);
  // Five concurrent polls of 20 s: 15 a minute
  expect(of({ ...none, mappings: 1 }) - of(none)).toBeCloseTo((15 * 60 * 730 * 0.4) / 1_000_000);
});

test('on AWS alone half the memory halves the price of waiting, and not of own work, which takes twice as long', () => {
  const usage = runUsage(MEASURED, TYPICAL);
  const at = (own: Partial<typeof usage>, memoryGb: number) =>
    awsUsd({ ...usage, ...own }, TYPICAL, { runs: 1, memoryGb });
  const waiting = { generateMs: 2_000, ownGenerateMs: 0 };
  expect(at(waiting, 1) - at(waiting, 0.5)).toBeCloseTo(usdOf('lambdaGbSecond', 1), 12);
  const working = { generateMs: 2_000, ownGenerateMs: 2_000 };
  expect(at(working, 1)).toBeCloseTo(at(working, 0.5), 12);
  const services = runCost(usage, TYPICAL, 1).filter(
    ({ service }) => !/Pinecone|Kept|Emb|Model/.test(service),
  );
  expect(at({}, 1)).toBeCloseTo(totalUsd(services), 12);
});
