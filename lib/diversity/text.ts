import { gzipSync } from 'node:zlib';
import { segmentsOf } from '../text/segments.ts';
import type { DiversityFigures } from './figures.ts';

export type TextDiversity = Omit<
  DiversityFigures,
  'n' | 'embedding_diversity' | 'embedding_diversity_interval' | 'vendi'
>;

/** Every view of a run computes its figures anew: with more characters that would take longer than a request may. */
const MAX_CHARS = 4_000_000;

/**
 * Computes the diversity figures that need only the texts. The n-gram figures cut each text to the shortest one's
 * length in words, since longer texts repeat themselves more; the other two use whole texts. All null below two texts,
 * and above 4,000,000 characters of text.
 */
export const textDiversityOf = (all: string[]): TextDiversity => {
  const texts = sum(all.map(({ length }) => length)) > MAX_CHARS ? [] : all;
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
    words_uncut: split.length === 0 ? null : sum(split.map(({ length }) => length)) / split.length,
  };
};

/** UTF-8 bytes of the newline-joined texts / their gzip -9 bytes; high = repetitive. Null below two texts. */
export const compressionRatio = (texts: string[]): number | null => {
  if (texts.length < 2) return null;
  const joined = Buffer.from(texts.join('\n'));
  return joined.length / gzipSync(joined, { level: 9 }).length;
};

/** 1 - unique texts / texts, compared character by character. Null below two texts. */
const duplicateRate = (texts: string[]): number | null =>
  texts.length < 2 ? null : 1 - new Set(texts).size / texts.length;

/** A text's words in order: NFC, lower case, the word-like segments of `Intl.Segmenter`; no punctuation, no spaces. */
export const words = (text: string): string[] =>
  Array.from(segmentsOf(text.normalize('NFC').toLowerCase(), 'word'))
    .filter(({ isWordLike }) => isWordLike)
    .map(({ segment }) => segment);

/** The n-grams of a word list in order, each as one string; empty with fewer than n words. */
const ngrams = (words: string[], n: number): string[] =>
  Array.from({ length: Math.max(0, words.length - n + 1) }, (_, at) => words.slice(at, at + n).join('\n'));

/**
 * Unique n-grams / all n-grams, pooled over texts given as word lists; an n-gram never crosses a text boundary.
 * In (0, 1], high = varied. Null below two texts, or when no text has n words.
 */
export const distinctN = (texts: string[][], n: number): number | null => {
  if (texts.length < 2) return null;
  const all = texts.flatMap((text) => ngrams(text, n));
  return all.length === 0 ? null : new Set(all).size / all.length;
};

const ORDER = 4;

/** Replaces a count of zero matches (Chen & Cherry 2014, method 1, with the value in common use). */
const EPSILON = 0.1;

/** The two highest counts of an n-gram over the texts, and the text with the highest. */
type Highest = { first: number; text: number; second: number };

/**
 * Mean BLEU-4 of each text (as a word list) against all the others: modified precisions of order 1 to 4, uniform
 * weights, brevity penalty against the nearest length, smoothing method 1. In [0, 1], high = alike; 0 for a text
 * that shares no word with any other, since smoothing covers missing higher orders only.
 * Null below two texts, or when one has fewer than four words: BLEU-4 is undefined then.
 */
export const selfBleu4 = (texts: string[][]): number | null => {
  if (texts.length < 2 || texts.some((text) => text.length < ORDER)) return null;
  const precisions = Array.from({ length: ORDER }, (_, at) => precisionsOf(texts, at + 1));
  const scores = texts.map((text, at) => {
    const own = precisions.map((ofOrder) => ofOrder[at] ?? 0);
    if (own[0] === 0) return 0;
    const logs = own.map((precision, order) => Math.log(precision || EPSILON / (text.length - order)));
    return brevityPenalty(texts, at) * Math.exp(sum(logs) / ORDER);
  });
  return sum(scores) / scores.length;
};

/**
 * Each text's clipped n-gram precision against the others. The clip is the highest count in any other text. Keeping
 * the two highest counts over all texts makes that one pass over the texts instead of one over all pairs.
 */
const precisionsOf = (texts: string[][], n: number): number[] => {
  const counts = texts.map((text) => countNgrams(text, n));
  const highest = new Map<string, Highest>();
  for (const [text, ofText] of counts.entries()) {
    for (const [ngram, count] of ofText) highest.set(ngram, ranked(highest.get(ngram), count, text));
  }
  return counts.map((ofText, text) => {
    let matched = 0;
    for (const [ngram, count] of ofText) {
      const top = highest.get(ngram);
      if (top) matched += Math.min(count, top.text === text ? top.second : top.first);
    }
    return matched / ((texts[text]?.length ?? 0) - n + 1);
  });
};

const countNgrams = (words: string[], n: number): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const ngram of ngrams(words, n)) counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  return counts;
};

const ranked = (top: Highest | undefined, count: number, text: number): Highest => {
  if (!top) return { first: count, text, second: 0 };
  if (count > top.first) return { first: count, text, second: top.first };
  return { ...top, second: Math.max(top.second, count) };
};

const brevityPenalty = (texts: string[][], at: number): number => {
  const length = texts[at]?.length ?? 0;
  const others = texts.filter((_, other) => other !== at).map((text) => text.length);
  const nearest = others.reduce((best, other) => {
    const closer = Math.abs(other - length) - Math.abs(best - length);
    return closer < 0 || (closer === 0 && other < best) ? other : best;
  });
  return length >= nearest ? 1 : Math.exp(1 - nearest / length);
};

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
