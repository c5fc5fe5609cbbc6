import { readWords } from '../vectors/words.ts';
import type { QueryWord, QueryWords } from './query-words.ts';

/** A text with its cosine similarity to the query. */
type Candidate = { score: number; text: string };

/** `words` are those of the query that the text has literally. */
export type Ranked<T extends Candidate> = T & { words: string[] };

/** The share of the words in the order; the meaning has the rest. */
const WORDS_SHARE = 0.65;
/** Parts of an identifier count half as much as the whole. */
const PARTS_SHARE = 0.5;

/**
 * Orders texts by meaning and words, best first:
 *
 *     0.35 x meaning + 0.65 x words
 *
 * `meaning` is the cosine similarity on a scale from 0, the farthest of `nearest` (the scores of the texts nearest to
 * the query), to 1, the nearest. `words` is the weight of the query's words that the text has, as a share of the weight
 * of all that any of the texts has and of the query's common words. A word weighs less the more texts have it: its
 * weight is divided by 1 + log2(texts). Words that no text has do not count, so that without any other the order is
 * that of the meaning.
 */
export const rankByWords = <T extends Candidate>(
  candidates: readonly T[],
  nearest: readonly number[],
  { words, commonWeight }: QueryWords,
): Ranked<T>[] => {
  const rows = candidates.map((candidate) => {
    const own = new Set(readWords(candidate.text).flatMap(({ text, parts }) => [text, ...parts]));
    return { candidate, found: words.map((word) => findIn(own, word)) };
  });
  const weights = words.map(({ weight }, at) => {
    const having = rows.filter(({ found }) => found[at]?.share === 1).length;
    const isAnywhere = rows.some(({ found }) => (found[at]?.share ?? 0) > 0);
    return isAnywhere ? weight / (1 + Math.log2(Math.max(1, having))) : 0;
  });
  const total = sum(weights);
  const meaning = scaleOf(nearest);
  return rows
    .map(({ candidate, found }) => {
      const has = sum(found.map(({ share }, at) => share * (weights[at] ?? 0)));
      const words = total === 0 ? 0 : has / (total + commonWeight);
      return {
        ranked: { ...candidate, words: [...new Set(found.flatMap(({ literal }) => literal))] },
        order: (1 - WORDS_SHARE) * meaning(candidate.score) + WORDS_SHARE * words,
      };
    })
    .toSorted((a, b) => b.order - a.order || b.ranked.score - a.ranked.score)
    .map(({ ranked }) => ranked);
};

/** How much of a word a text has, from 0 to 1, and which words those are: the whole, else its parts. */
const findIn = (
  own: ReadonlySet<string>,
  { text, parts }: QueryWord,
): { share: number; literal: string[] } => {
  if (own.has(text)) return { share: 1, literal: [text] };
  const literal = parts.filter((part) => own.has(part));
  return { share: parts.length === 0 ? 0 : (PARTS_SHARE * literal.length) / parts.length, literal };
};

const scaleOf = (scores: readonly number[]): ((score: number) => number) => {
  if (scores.length === 0) return () => 0;
  const best = Math.max(...scores);
  const worst = Math.min(...scores);
  return (score) => (best === worst ? Number(score >= best) : Math.max(0, (score - worst) / (best - worst)));
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
