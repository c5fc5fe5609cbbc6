import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeBootstrap } from '../../../lib/comparisons/bootstrap.ts';
import { seededRandom } from '../../../lib/comparisons/seeded-random.ts';

const intervalOf = makeBootstrap('cmp_1');

describe('the confidence interval of a mean', () => {
  test('is null for fewer than three values', () => {
    expect(intervalOf([])).toBeNull();
    expect(intervalOf([1, 2])).toBeNull();
    expect(intervalOf([1, 2, 3])).not.toBeNull();
  });

  test('has no width when all values are equal', () => {
    expect(intervalOf([0, 0, 0, 0])).toEqual([0, 0]);
    expect(intervalOf([2.5, 2.5, 2.5])).toEqual([2.5, 2.5]);
  });

  test('is close to Student’s for many evenly spread values', () => {
    // -14.5 … 14.5: mean 0, sample deviation 8.803, t(29) = 2.045, so ± 3.287
    const values = Array.from({ length: 30 }, (_, at) => at - 14.5);
    const [low = 0, high = 0] = intervalOf(values) ?? [];
    expect(low).toBeGreaterThan(-3.6);
    expect(low).toBeLessThan(-3);
    expect(high).toBeGreaterThan(3);
    expect(high).toBeLessThan(3.6);
  });

  test('depends on the seed alone', () => {
    const values = [3, 1, 4, 1, 5, 9, 2, 6];
    expect(makeBootstrap('cmp_1')(values)).toEqual(intervalOf(values));
    expect(makeBootstrap('cmp_2')(values)).not.toEqual(intervalOf(values));
  });

  test('mirrors with the sign, moves with a shift, and contains the mean', () => {
    const few = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(few, fc.integer({ min: -100, max: 100 }), (values, shift) => {
        const [low = 0, high = 0] = intervalOf(values) ?? [];
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        expect(low).toBeLessThanOrEqual(mean + 1e-9);
        expect(high).toBeGreaterThanOrEqual(mean - 1e-9);
        const turned = intervalOf(values.map((value) => -value)) ?? [];
        expect(turned[0]).toBeCloseTo(-high, 6);
        expect(turned[1]).toBeCloseTo(-low, 6);
        const moved = intervalOf(values.map((value) => value + shift)) ?? [];
        expect(moved[0]).toBeCloseTo(low + shift, 6);
      }),
      { numRuns: 30 },
    );
  });

  // 400 samples of n each: about 95 of 100 intervals must contain the true mean. Skewed values are harder.
  test.each([
    ['evenly spread', 4, 0.92, 0.99],
    ['evenly spread', 8, 0.92, 0.98],
    ['evenly spread', 25, 0.92, 0.98],
    ['skewed', 8, 0.84, 0.98],
    ['skewed', 25, 0.88, 0.98],
  ])(
    'contains the true mean of %s values, %i at a time, about as often as its level says',
    (kind, n, least, most) => {
      const random = seededRandom(`${kind} ${n}`);
      const uniform = (count: number) =>
        Array.from(random.below(2 ** 31, count), (value) => (value + 0.5) / 2 ** 31);
      const draw = (): number[] =>
        kind === 'skewed'
          ? uniform(n).map((u) => -Math.log(u) - 1)
          : Array.from({ length: n }, () => uniform(12).reduce((sum, u) => sum + u, -6));
      const trials = Array.from({ length: 400 }, () => {
        const [low = 0, high = 0] = intervalOf(draw()) ?? [];
        return low <= 0 && high >= 0;
      });
      const held = trials.filter(Boolean).length / trials.length;
      expect(held).toBeGreaterThanOrEqual(least);
      expect(held).toBeLessThanOrEqual(most);
    },
  );
});
