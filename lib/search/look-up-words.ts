import { errorFields, type Log } from '../observe/log.ts';
import { WORDS_FIELD } from '../vectors/metadata.ts';
import type { VectorMatch } from '../vectors/ports.ts';
import type { QueryWords } from './query-words.ts';

/** Asks for the `topK` vectors nearest to a query in meaning, among those that also meet a filter. */
export type AskVectors = (topK: number, filter?: Record<string, unknown>) => Promise<VectorMatch[]>;

/** `isWhole`: there are no more. */
type LookedUp = { matches: VectorMatch[]; isWhole: boolean };

/** Queries of one look-up: the first, and those for words that more frequent ones kept out of its answer. */
const MAX_QUERIES = 3;

/**
 * Makes the look-up of a query's words: `many` of the vectors whose stored words have any of them or of their parts,
 * nearest in meaning first. A frequent word may fill an answer, so that no vector with a rarer one is in it; then the
 * words that none of them has are looked up alone, in up to two further queries. Resolves to undefined, and logs why,
 * when the index fails. Asks nothing for a query without rare words, nor again for what is known already.
 */
export const makeLookUp = (
  { words }: QueryWords,
  ask: AskVectors,
  log: Log,
): ((many: number) => Promise<LookedUp | undefined>) => {
  const wanted = [...new Set(words.flatMap(({ text, parts }) => [text, ...parts]))];
  let known: LookedUp | undefined = wanted.length === 0 ? { matches: [], isWhole: true } : undefined;
  let hasFailed = false;
  return async (many) => {
    if (known?.isWhole || hasFailed) return known;
    try {
      known = await lookUp(wanted, many, ask);
      return known;
    } catch (error) {
      hasFailed = true;
      log.warn('search.words_failed', errorFields(error));
      return undefined;
    }
  };
};

const lookUp = async (words: string[], many: number, ask: AskVectors): Promise<LookedUp> => {
  const found = new Map<string, VectorMatch>();
  let wanted = words;
  for (let asked = 1; asked <= MAX_QUERIES && wanted.length > 0; asked += 1) {
    const matches = await ask(many, { [WORDS_FIELD]: { $in: wanted } });
    for (const match of matches) found.set(match.id, match);
    if (matches.length < many) return { matches: [...found.values()], isWhole: asked === 1 };
    const seen = new Set(matches.flatMap(({ metadata }) => metadata[WORDS_FIELD] ?? []));
    wanted = wanted.filter((word) => !seen.has(word));
  }
  return { matches: [...found.values()], isWhole: false };
};
