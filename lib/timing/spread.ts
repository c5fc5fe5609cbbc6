import { rounded } from '../json/value.ts';
import type { Spread } from '../runs/generation.ts';

/** With fewer samples these percentiles would be little more than the maximum, so they are null. */
const P95_FROM = 20;
const P99_FROM = 100;

/**
 * `n`, mean, sample standard deviation (divisor n - 1, null below two samples), min, max and percentiles by linear
 * interpolation between closest ranks. p95 is null below 20 samples, p99 below 100; without samples all
 * but `n` are null. Samples are finite numbers in any order and unit; the result keeps the unit.
 */
export const spreadOf = (samples: readonly number[]): Spread => {
  const sorted = new Float64Array(samples).sort();
  const n = sorted.length;
  const [least, most] = [sorted[0], sorted[n - 1]];
  const mean = n === 0 ? null : meanOf(sorted);
  return {
    n,
    mean,
    std: mean === null ? null : stdOf(sorted, mean),
    min: least === undefined ? null : rounded(least),
    p50: percentile(sorted, 50),
    p90: percentile(sorted, 90),
    p95: n < P95_FROM ? null : percentile(sorted, 95),
    p99: n < P99_FROM ? null : percentile(sorted, 99),
    max: most === undefined ? null : rounded(most),
  };
};

/**
 * The p-th percentile (0 to 100) of ascending samples, by linear interpolation between the samples on either side of
 * rank p / 100 * (n - 1). `null` without samples.
 *
 * @example
 * percentile([1, 2, 3, 4], 50) // 2.5
 */
export const percentile = (sorted: ArrayLike<number>, p: number): number | null => {
  const rank = (p / 100) * (sorted.length - 1);
  const below = sorted[Math.floor(rank)];
  const above = sorted[Math.ceil(rank)];
  if (below === undefined || above === undefined) return null;
  return rounded(below + (above - below) * (rank - Math.floor(rank)));
};

const meanOf = (sorted: Float64Array): number =>
  rounded(sorted.reduce((sum, sample) => sum + sample, 0) / sorted.length);

const stdOf = (sorted: Float64Array, mean: number): number | null =>
  sorted.length < 2
    ? null
    : rounded(Math.sqrt(sorted.reduce((sum, sample) => sum + (sample - mean) ** 2, 0) / (sorted.length - 1)));
