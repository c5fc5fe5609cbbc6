import { gzipSync } from 'node:zlib';
import { distinctN } from './distinct-n.ts';
import type { DiversityFigures } from './figures.ts';
import { selfBleu4 } from './text.ts';
import { words } from './words.ts';

export type TextDiversity = Pick<
  DiversityFigures,
  'distinct_1' | 'distinct_2' | 'distinct_3' | 'self_bleu_4' | 'compression_ratio' | 'duplicate_rate'
> & {
  /** Words of each text that the n-gram figures looked at: the length of the shortest. */
  words_cut: number | null;
  /** Mean words of a text before the cut. */
  words_uncut: number | null;
};

/**
 * The figures that need only the texts. N-gram figures see each text cut to the shortest's length in words, since
 * longer texts repeat themselves more; the other two see the whole texts. All null below two texts.
 */
export const textDiversityOf = (texts: string[]): TextDiversity => {
  const split = texts.length < 2 ? [] : texts.map(words);
  const shortest = split.length === 0 ? 0 : Math.min(...split.map(({ length }) => length));
  const cut = split.map((text) => text.slice(0, shortest));
  return {
    distinct_1: distinctN(cut, 1),
    distinct_2: distinctN(cut, 2),
    distinct_3: distinctN(cut, 3),
    self_bleu_4: selfBleu4(cut),
    compression_ratio: compressionRatio(texts),
    duplicate_rate: duplicateRate(texts),
    words_cut: split.length === 0 ? null : shortest,
    words_uncut:
      split.length === 0 ? null : split.reduce((sum, { length }) => sum + length, 0) / split.length,
  };
};

/** UTF-8 bytes of the newline-joined texts / their gzip -9 bytes; high = repetitive. Null below two texts. */
export const compressionRatio = (texts: string[]): number | null => {
  if (texts.length < 2) return null;
  const joined = Buffer.from(texts.join('\n'));
  return joined.length / gzipSync(joined, { level: 9 }).length;
};

/** 1 - unique texts / texts, compared character by character. Null below two texts. */
export const duplicateRate = (texts: string[]): number | null =>
  texts.length < 2 ? null : 1 - new Set(texts).size / texts.length;
