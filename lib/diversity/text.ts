import { countNgrams } from './ngrams.ts';

const ORDER = 4;
/** Stands in for a count of zero matches (Chen & Cherry 2014, method 1, with the value in common use). */
const EPSILON = 0.1;

/** The two highest counts of an n-gram over the texts, and the text that has the highest. */
type Highest = { first: number; text: number; second: number };

/**
 * Mean BLEU-4 of each text (as a word list) against all the others: modified precisions of order 1 to 4, uniform
 * weights, brevity penalty against the nearest length, smoothing method 1. In [0, 1], high = alike; 0 for a text
 * that shares no word with any other, since smoothing only bridges missing higher orders.
 * Null below two texts, or when one has fewer than four words: BLEU-4 is not defined there.
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
 * Each text's clipped n-gram precision against the others. The clip is the highest count in any other text: with
 * the two highest over all texts at hand, that takes one pass instead of one a pair.
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
