import type { Interval } from './view.ts';

/** An interval misses the true quantile at most this often. */
const MISSES = 0.05;

/**
 * The 95% interval of a quantile (0.5 for the median), from values in ascending order: two of the values. For values
 * drawn from any one distribution it holds the true quantile at least this often, outliers and repeated values
 * included, since only ranks count. Null when there are too few values: below 6 for the median, below 29 for 0.9.
 * https://online.stat.psu.edu/stat415/lesson/19/19.2
 *
 * @example
 * quantileInterval([1, 2, 3, 4, 5, 60], 0.5) // [1, 60]: it misses in 2 of 64 draws
 */
export const quantileInterval = (sorted: ArrayLike<number>, quantile: number): Interval | null => {
  const ranks = quantileRanks(sorted.length, quantile);
  const low = sorted[(ranks?.[0] ?? 0) - 1];
  const high = sorted[(ranks?.[1] ?? 0) - 1];
  return low === undefined || high === undefined ? null : [low, high];
};

/**
 * The ranks (from 1) of the interval's ends. The number of values below the quantile is binomial, so the lower end is
 * too high when fewer than its rank are below, and the upper one too low when as many as its rank are. Each may happen
 * in 2.5%; if even the highest value is too low more often, as for 0.9 of few values, the lower end has the rest.
 */
export const quantileRanks = (n: number, quantile: number): [number, number] | null => {
  const below = binomial(n, quantile);
  let [high, tooLow] = [n + 1, 0];
  while (high > 1 && tooLow + (below[high - 1] ?? 0) <= MISSES / 2) {
    high -= 1;
    tooLow += below[high] ?? 0;
  }
  if (high > n) [high, tooLow] = [n, below[n] ?? 1];
  const rest = Math.min(MISSES / 2, MISSES - tooLow);
  let [low, tooHigh] = [0, 0];
  while (low < n && tooHigh + (below[low] ?? 0) <= rest) {
    tooHigh += below[low] ?? 0;
    low += 1;
  }
  return low < 1 ? null : [low, high];
};

/** The probabilities of 0 to n successes in n trials. In logarithms: 0.1^n is below the smallest number from 324 on. */
const binomial = (n: number, p: number): number[] => {
  let log = n * Math.log(1 - p);
  return Array.from({ length: n + 1 }, (_, k) => {
    if (k > 0) log += Math.log((n - k + 1) / k) + Math.log(p / (1 - p));
    return Math.exp(log);
  });
};
