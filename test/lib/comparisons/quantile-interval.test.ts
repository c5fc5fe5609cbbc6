import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quantileInterval, quantileRanks } from '../../../lib/comparisons/quantile-interval.ts';

/** How often [value of rank low, value of rank high] holds the quantile: the sum over how many values are below it. */
const coverage = (n: number, q: number, [low, high]: [number, number]): number => {
  let sum = 0;
  for (let below = low; below < high; below += 1)
    sum += choose(n, below) * q ** below * (1 - q) ** (n - below);
  return sum;
};
const choose = (n: number, k: number): number =>
  Array.from({ length: k }, (_, at) => (n - at) / (at + 1)).reduce((product, own) => product * own, 1);

describe('the interval of a median', () => {
  test('is null below six values', () => {
    expect(quantileInterval([], 0.5)).toBeNull();
    expect(quantileInterval([1, 2, 3, 4, 5], 0.5)).toBeNull();
    expect(quantileInterval([1, 2, 3, 4, 5, 6], 0.5)).toEqual([1, 6]);
  });

  // https://online.stat.psu.edu/stat415/lesson/19/19.1 has the ranks 3 and 12 for 14 values at about 98.7%.
  test.each([
    [8, [1, 8]],
    [9, [2, 8]],
    [14, [3, 12]],
    [20, [6, 15]],
    [100, [40, 61]],
  ])('of %i values has the ranks of the sign test', (n, ranks) => {
    expect(quantileRanks(n, 0.5)).toEqual(ranks);
  });

  test('holds in every way of drawing n values above or below the median, counted one by one', () => {
    for (let n = 6; n <= 14; n += 1) {
      const [low, high] = quantileRanks(n, 0.5) ?? [0, 0];
      let held = 0;
      for (let draw = 0; draw < 2 ** n; draw += 1) {
        const below = draw.toString(2).replaceAll('0', '').length;
        if (below >= low && below < high) held += 1;
      }
      expect(held / 2 ** n).toBeGreaterThanOrEqual(0.95);
    }
  });

  test('has the same ranks from both ends, and turns with the sign of the values', () => {
    const values = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 6, maxLength: 60 });
    fc.assert(
      fc.property(values, (drawn) => {
        const sorted = drawn.toSorted((a, b) => a - b);
        const [low = 0, high = 0] = quantileInterval(sorted, 0.5) ?? [];
        const turned = sorted.map((value) => 0 - value).toReversed();
        expect(quantileInterval(turned, 0.5)).toEqual([0 - high, 0 - low]);
      }),
    );
  });

  test('goes with any rising change of the values, as the median does', () => {
    const values = fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 6, maxLength: 40 });
    fc.assert(
      fc.property(values, (drawn) => {
        const sorted = drawn.toSorted((a, b) => a - b);
        const [low = 0, high = 0] = quantileInterval(sorted, 0.5) ?? [];
        expect(
          quantileInterval(
            sorted.map((value) => Math.log(value)),
            0.5,
          ),
        ).toEqual([Math.log(low), Math.log(high)]);
      }),
    );
  });
});

describe('the interval of p90', () => {
  test('is null below 29 values', () => {
    expect(quantileRanks(28, 0.9)).toBeNull();
    expect(quantileRanks(29, 0.9)).not.toBeNull();
  });

  test('holds at least 95 times in a hundred', () => {
    for (let n = 29; n <= 250; n += 1) {
      expect(coverage(n, 0.9, quantileRanks(n, 0.9) ?? [0, 0])).toBeGreaterThanOrEqual(0.95);
    }
  });
});
