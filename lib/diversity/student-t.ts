import type { EmbeddingDiversity } from './figures.ts';

const SMALL = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281];

/** The 97.5% quantile of the normal distribution: the limit of t for many degrees of freedom. */
const Z = 1.959964;

/**
 * The 97.5% quantile of Student's t: the factor of the standard error in a two-sided 95% interval. Degrees of freedom
 * are rounded down, at least 1. Up to ten come from the table, more from the Cornish-Fisher expansion (four digits).
 */
export const t975 = (degreesOfFreedom: number): number => {
  const df = Math.max(1, Math.floor(degreesOfFreedom));
  return SMALL[df - 1] ?? Z + (Z ** 3 + Z) / (4 * df) + (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * df ** 2);
};

/** The squared standard error behind an interval, from its upper bound: the lower one may be clamped at 0. */
export const varianceOf = (n: number, estimate: number, [, upper]: [number, number]): number =>
  ((upper - estimate) / t975(n - 1)) ** 2;

/** Smaller differences count as equal: this is far below the precision of float32 vectors. */
export const EQUAL_DIVERSITY = 1e-6;

/**
 * Whether two labels' embedding diversities differ by more than sampling noise: Welch's t-test at 5%, on the standard
 * errors behind their intervals. False ("no clear difference") if either has no interval.
 */
export const differ = (a: EmbeddingDiversity, b: EmbeddingDiversity): boolean => {
  if (a.embedding_diversity === null || b.embedding_diversity === null || !a.interval || !b.interval)
    return false;
  const difference = Math.abs(a.embedding_diversity - b.embedding_diversity);
  if (difference < EQUAL_DIVERSITY) return false;
  const varianceA = varianceOf(a.n, a.embedding_diversity, a.interval);
  const varianceB = varianceOf(b.n, b.embedding_diversity, b.interval);
  const both = varianceA + varianceB;
  if (both === 0) return true;
  const degrees = both ** 2 / (varianceA ** 2 / (a.n - 1) + varianceB ** 2 / (b.n - 1));
  return difference > t975(degrees) * Math.sqrt(both);
};
