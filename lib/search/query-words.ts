import { isStorable, readWords, type Word } from '../vectors/words.ts';

/** A word of a query by which texts are looked up, with its weight before it is known how many texts have it. */
export type QueryWord = Pick<Word, 'text' | 'parts'> & { weight: number };

/** `commonWeight` stands for the rest of the query: the more it says, the less one word decides. */
export type QueryWords = { words: QueryWord[]; commonWeight: number };

/** Words of one query that are looked up. Identifiers come first, then the longest. */
const MAX_WORDS = 16;
const IDENTIFIER_WEIGHT = 40;
const RARE_WEIGHT = 4;
/** Shorter common words say nothing of what a query is about. */
const SHORTEST_COMMON = 4;
const MOST_COMMON = 4;

/**
 * The rare words of a query, each once: identifiers, names and words that are not common in English prose. None for a
 * query of common words.
 */
export const readQueryWords = (query: string): QueryWords => {
  const all = [...new Map(readWords(query).map((word) => [word.text, word])).values()];
  const rare = all.filter(({ kind, text }) => kind !== 'common' && isStorable(text));
  const words = rare
    .map(({ text, parts, kind }) => ({
      text,
      parts: parts.filter(isStorable),
      weight: kind === 'identifier' ? IDENTIFIER_WEIGHT : RARE_WEIGHT,
    }))
    .toSorted((a, b) => b.weight - a.weight || b.text.length - a.text.length);
  const common = all.filter(({ kind, text }) => kind === 'common' && text.length >= SHORTEST_COMMON);
  return { words: words.slice(0, MAX_WORDS), commonWeight: Math.min(MOST_COMMON, common.length) };
};
