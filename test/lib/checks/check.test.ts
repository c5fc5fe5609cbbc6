import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { passRateOf } from '../../../lib/checks/check.ts';

/** The pass rate of `n` outputs with one check each, of which `passed` passed. */
const rateOf = (passed: number, n: number) =>
  passRateOf(Array.from({ length: n }, (_, at) => [{ passed: at < passed }]));

describe('passRateOf', () => {
  // By hand: z² = 3.841459; for 8 of 10: (0.8 + 0.192073 ± 1.959964·sqrt(0.016 + 0.00960365)) / 1.3841459.
  test.each([
    [8, 10, 0.490162, 0.943318],
    [1, 2, 0.094531, 0.905469],
    [0, 10, 0, 0.277533],
    [10, 10, 0.722467, 1],
    [0, 1, 0, 0.793451],
    [81, 263, 0.255289, 0.36621],
  ])('is, for %i of %i, the rate with its Wilson interval', (passed, n, low, high) => {
    const { rate, interval, ...counts } = rateOf(passed, n);
    expect(counts).toEqual({ n, passed });
    expect(rate).toBeCloseTo(passed / n, 12);
    expect(interval?.[0]).toBeCloseTo(low, 5);
    expect(interval?.[1]).toBeCloseTo(high, 5);
  });

  test('has no rate without outputs', () => {
    expect(passRateOf([])).toEqual({ n: 0, passed: 0, rate: null, interval: null });
  });

  test('counts an output only if all of its checks passed', () => {
    const outputs = [
      [{ passed: true }, { passed: true }],
      [{ passed: true }, { passed: false }],
      [{ passed: false }, { passed: false }],
    ];
    expect(passRateOf(outputs)).toMatchObject({ n: 3, passed: 1 });
  });

  test('keeps the rate within its interval and the interval within 0 and 1, and mirrors it when passed and failed are swapped', () => {
    const counts = fc
      .integer({ min: 1, max: 400 })
      .chain((n) => fc.tuple(fc.nat({ max: n }), fc.constant(n)));
    fc.assert(
      fc.property(counts, ([passed, n]) => {
        const [low = Number.NaN, high = Number.NaN] = rateOf(passed, n).interval ?? [];
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(passed / n);
        expect(high).toBeGreaterThanOrEqual(passed / n);
        expect(high).toBeLessThanOrEqual(1);
        const mirrored = rateOf(n - passed, n).interval;
        expect(mirrored?.[0]).toBeCloseTo(1 - high, 9);
        expect(mirrored?.[1]).toBeCloseTo(1 - low, 9);
      }),
      { numRuns: 200 },
    );
  });

  test('satisfies the equation that defines it: each bound is z standard errors away from the rate', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), (passed) => {
        const n = 100;
        for (const bound of rateOf(passed, n).interval ?? [Number.NaN]) {
          const errors = Math.abs(passed / n - bound) / Math.sqrt((bound * (1 - bound)) / n);
          expect(errors).toBeCloseTo(1.959964, 5);
        }
      }),
    );
  });
});
