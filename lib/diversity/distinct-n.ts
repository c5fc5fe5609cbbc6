import { ngrams } from './ngrams.ts';

/**
 * Unique n-grams / all n-grams, pooled over texts given as word lists; an n-gram never crosses a text boundary.
 * In (0, 1], high = varied. Null below two texts, or when no text has n words.
 */
export const distinctN = (texts: string[][], n: number): number | null => {
  if (texts.length < 2) return null;
  const all = texts.flatMap((text) => ngrams(text, n));
  return all.length === 0 ? null : new Set(all).size / all.length;
};
