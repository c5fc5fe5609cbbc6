import type { EmbeddingDiversity } from './figures.ts';

const SMALL = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281];

/** The 97.5% point of the normal distribution, which t approaches with many degrees of freedom. */
export const Z = 1.959964;

/**
 * The 97.5% point of Student's t: what a two-sided 95% interval multiplies a standard error with. Degrees of
 * freedom are rounded down, at least 1; up to ten from the table, beyond by the Cornish-Fisher expansion (four digits).
 */
export const t975 = (degreesOfFreedom: number): number => {
  const df = Math.max(1, Math.floor(degreesOfFreedom));
  return SMALL[df - 1] ?? Z + (Z ** 3 + Z) / (4 * df) + (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * df ** 2);
};

/** The squared standard error that an estimate's interval was made of: read off its upper end, never clamped. */
export const varianceOf = (n: number, estimate: number, [, upper]: [number, number]): number =>
  ((upper - estimate) / t975(n - 1)) ** 2;

/** Below this two diversities are equal: it is far under what float32 vectors can tell apart. */
export const EQUAL_DIVERSITY = 1e-6;

/**
 * Whether two labels' embedding diversities differ by more than the noise of their samples: Welch's test at 5%, on
 * the standard errors their intervals were made of. False ("no clear difference") where either has no interval.
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
