import { describe, expect, test } from 'vitest';
import { rateDifferenceInterval } from '../../../lib/comparisons/rate-interval.ts';

/** How often the interval holds, summed over all results of n blocks, if a alone passes at `p` and b alone at `q`. */
const coverage = (n: number, p: number, q: number): number => {
  let held = 0;
  for (let a = 0; a <= n; a += 1) {
    for (let b = 0; a + b <= n; b += 1) {
      const [low, high] = rateDifferenceInterval(a, b, n);
      if (low - 1e-9 > p - q || high + 1e-9 < p - q) continue;
      held += choose(n, a) * choose(n - a, b) * p ** a * q ** b * Math.max(0, 1 - p - q) ** (n - a - b);
    }
  }
  return held;
};
const choose = (n: number, k: number): number =>
  Array.from({ length: k }, (_, at) => (n - at) / (at + 1)).reduce((product, own) => product * own, 1);

describe('the interval of a difference of pass rates', () => {
  test('is as worked out by hand', () => {
    // 7 of 8 and 1 of 8 with the added blocks: 0.75 ± t(7) x sqrt((1 - 0.5625) / 8), and no rate differs by more than 1.
    const [low, high] = rateDifferenceInterval(6, 0, 6);
    expect(low).toBeCloseTo(0.75 - 2.3646 * 0.233854, 5);
    expect(high).toBe(1);
  });

  test('excludes 0 from five blocks on that all agree, and not before', () => {
    expect(rateDifferenceInterval(4, 0, 4)[0]).toBeLessThan(0);
    expect(rateDifferenceInterval(6, 0, 6)[0]).toBeGreaterThan(0);
  });

  test('turns with the sides', () => {
    const [low, high] = rateDifferenceInterval(7, 2, 20);
    expect(rateDifferenceInterval(2, 7, 20)).toEqual([-high, -low]);
  });

  test.each([6, 8, 20, 60])('of %i blocks holds 95 times in a hundred, and never less than 92', (n) => {
    const grid = Array.from({ length: 21 }, (_, at) => at / 20);
    const all = grid.flatMap((p) => grid.filter((q) => p + q <= 1 + 1e-9).map((q) => coverage(n, p, q)));
    expect(Math.min(...all)).toBeGreaterThan(0.92);
    expect(all.reduce((sum, own) => sum + own, 0) / all.length).toBeGreaterThan(0.95);
  });
});
