import { countFitting } from '../runs/fit-answer.ts';
import type { SearchAnswer, SearchMatch } from './search-query.ts';

/** The answer of a search. Matches beyond 5 MB, which only large vectors reach, are left out, and a warning says so. */
export const answerSearch = (found: SearchMatch[], warnings: string[]): SearchAnswer => {
  const pairs = found.map((match) => ({ match, alias: withoutVector(match) }));
  const fitting = pairs.slice(0, countFitting(pairs));
  const told =
    fitting.length < found.length
      ? [
          ...warnings,
          `only the first ${fitting.length} of ${found.length} matches fit into one answer; ask for a lower top_k, or without vectors`,
        ]
      : warnings;
  return {
    data: fitting.map(({ match }) => match),
    matches: fitting.map(({ alias }) => alias),
    next_cursor: null,
    ...(told.length > 0 && { warnings: told }),
  };
};

const withoutVector = ({ vector: _, ...match }: SearchMatch): Omit<SearchMatch, 'vector'> => match;
