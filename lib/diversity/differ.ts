import type { EmbeddingDiversity } from './figures.ts';
import { t975 } from './student-t.ts';

/** Below this two diversities are equal: it is far under what float32 vectors can tell apart. */
const EQUAL = 1e-6;

/**
 * Whether two labels' embedding diversities differ by more than the noise of their samples: Welch's test at 5%, on
 * the standard errors their intervals were made of. False ("no clear difference") where either has no interval.
 */
export const differ = (a: EmbeddingDiversity, b: EmbeddingDiversity): boolean => {
  if (a.embedding_diversity === null || b.embedding_diversity === null || !a.interval || !b.interval)
    return false;
  const difference = Math.abs(a.embedding_diversity - b.embedding_diversity);
  if (difference < EQUAL) return false;
  const varianceA = variance(a.n, a.embedding_diversity, a.interval);
  const varianceB = variance(b.n, b.embedding_diversity, b.interval);
  const both = varianceA + varianceB;
  if (both === 0) return true;
  const degrees = both ** 2 / (varianceA ** 2 / (a.n - 1) + varianceB ** 2 / (b.n - 1));
  return difference > t975(degrees) * Math.sqrt(both);
};

/** Read off the upper end, which is never clamped. */
const variance = (n: number, estimate: number, [, upper]: [number, number]): number =>
  ((upper - estimate) / t975(n - 1)) ** 2;
