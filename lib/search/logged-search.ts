import type { Clock } from '../async/clock.ts';
import { measureEmbeddings } from '../embed/measure-embeddings.ts';
import { timed } from '../embed/timed-embedder.ts';
import type { Log } from '../observe/log.ts';
import { makeSearchOutputs, type SearchDeps } from './search-outputs.ts';
import type { SearchMatch, SearchQuery } from './search-query.ts';

/** `makeSearchOutputs`, each answered search logged with what embedding its query took; never the query itself. */
export const makeLoggedSearch =
  ({ log, clock, ...deps }: SearchDeps & { log: Log; clock: Clock }) =>
  async (caller: string, query: SearchQuery): Promise<SearchMatch[]> => {
    const startedAt = clock.monotonic();
    const { embedder, seen } = timed(deps.embedder, clock);
    const matches = await makeSearchOutputs({ ...deps, embedder })(caller, query);
    const fields = { matches: matches.length, duration_ms: Math.round(clock.monotonic() - startedAt) };
    log.info('search.answered', fields, measureEmbeddings(embedder, seen));
    return matches;
  };
