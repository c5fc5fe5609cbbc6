import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rounded } from '../../../lib/json/value.ts';
import { spreadOf } from '../../../lib/timing/spread.ts';

const numbers = (minLength: number, maxLength = 150) =>
  fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true, noDefaultInfinity: true }), {
    minLength,
    maxLength,
  });

describe('a spread', () => {
  test('of 1 to 5 matches figures computed by hand', () => {
    expect(spreadOf([5, 3, 1, 4, 2])).toEqual({
      n: 5,
      mean: 3,
      std: rounded(Math.sqrt(2.5)),
      min: 1,
      p50: 3,
      p90: 4.6,
      p95: null,
      p99: null,
      max: 5,
    });
  });

  test('of nothing is unknown, not zero', () => {
    const none = { mean: null, std: null, min: null, p50: null, p90: null, p95: null, p99: null, max: null };
    expect(spreadOf([])).toEqual({ n: 0, ...none });
  });

  test('of one sample has no deviation', () => {
    expect(spreadOf([7])).toMatchObject({ n: 1, mean: 7, std: null, min: 7, p50: 7, p90: 7, max: 7 });
  });

  test('has p95 from 20 samples on and p99 from 100', () => {
    const upTo = (n: number) => spreadOf(Array.from({ length: n }, (_, at) => at));
    expect([upTo(19).p95, upTo(20).p95]).toEqual([null, 18.05]);
    expect([upTo(99).p99, upTo(100).p99]).toEqual([null, 98.01]);
  });

  test('does not reorder its input', () => {
    const samples = [3, 1, 2];
    spreadOf(samples);
    expect(samples).toEqual([3, 1, 2]);
  });

  test('sorts numerically, not as text', () => {
    expect(spreadOf([10, 9, 1])).toMatchObject({ min: 1, p50: 9, max: 10 });
  });

  test('has percentiles that match their definition', () => {
    fc.assert(
      fc.property(numbers(1), (samples) => {
        const sorted = samples.toSorted((a, b) => a - b);
        const { p50, p90 } = spreadOf(samples);
        for (const [value, p] of [
          [p50, 0.5],
          [p90, 0.9],
        ] as const) {
          // Reference: walk the ranks 0 … n - 1 and interpolate on the step that contains p.
          const rank = p * (sorted.length - 1);
          const step = sorted.findIndex((_, at) => rank <= at);
          const [low = 0, high = 0] = [sorted[Math.max(0, step - 1)], sorted[step]];
          const expected = step === 0 ? high : low * (step - rank) + high * (rank - (step - 1));
          expect(value).toBeCloseTo(expected, 5);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('is ordered, lies within its samples, and does not depend on their order', () => {
    fc.assert(
      fc.property(numbers(100), (samples) => {
        const { min, p50, p90, p95, p99, max, mean, std } = spreadOf(samples);
        const ordered = [min, p50, p90, p95, p99, max].map(Number);
        expect(ordered).toEqual(ordered.toSorted((a, b) => a - b));
        expect(mean).toBeGreaterThanOrEqual(Number(min) - 1e-6);
        expect(mean).toBeLessThanOrEqual(Number(max) + 1e-6);
        expect(std).toBeGreaterThanOrEqual(0);
        expect(spreadOf(samples.toReversed())).toEqual(spreadOf(samples));
      }),
      { numRuns: 100 },
    );
  });

  test('shifts with its samples and keeps its deviation', () => {
    fc.assert(
      fc.property(numbers(2), fc.integer({ min: -1_000, max: 1_000 }), (samples, by) => {
        const before = spreadOf(samples);
        const after = spreadOf(samples.map((sample) => sample + by));
        expect(after.p50).toBeCloseTo(Number(before.p50) + by, 4);
        expect(after.std).toBeCloseTo(Number(before.std), 4);
      }),
      { numRuns: 100 },
    );
  });
});
