import type { Clock } from '../async/clock.ts';
import { embedTexts } from '../embed/embed-texts.ts';
import { measureEmbeddings, timed } from '../embed/measured-embedder.ts';
import { InvalidInputError } from '../errors.ts';
import type { Log } from '../observe/log.ts';
import type { Run } from '../runs/run.ts';
import type { Embedder, VectorIndex, VectorMatch } from '../vectors/ports.ts';
import { pineconeFilter } from './pinecone-filter.ts';
import type { SearchMatch, SearchQuery } from './search-query.ts';

type SearchDeps = {
  embedder: Embedder;
  index: Pick<VectorIndex, 'query'>;
  getRun(id: string): Promise<Run | undefined>;
  /** Where a caller's vectors are, see `namespaceOf`. */
  namespace(caller: string): string;
};

/** Beyond this many vectors a search stops looking for more outputs: deep pages are not what it is for. */
const MOST_VECTORS = 1_000;

/**
 * Finds a caller's outputs by meaning, best first. Several chunks of one output count as its best one. Vectors
 * whose run is absent, deleted or another caller's are dropped, and more are asked for, up to 1,000, to make up for
 * them; fewer than `topK` then means that there are no more. Throws `InvalidInputError` for a query that the
 * embedding model refuses.
 */
export const makeSearchOutputs =
  ({ embedder, index, getRun, namespace }: SearchDeps) =>
  async (caller: string, { query, topK, filter }: SearchQuery): Promise<SearchMatch[]> => {
    const asked = pineconeFilter(filter);
    const vector = await vectorOf(query, embedder);
    const visible = remember(async (id: string) => {
      const run = await getRun(id);
      return run !== undefined && run.status !== 'deleted' && run.caller === caller;
    });
    for (let many = Math.min(MOST_VECTORS, 2 * topK + 10); ; many = Math.min(MOST_VECTORS, many * 4)) {
      const matches = await index.query(namespace(caller), vector, {
        topK: many,
        ...(asked ? { filter: asked } : {}),
      });
      const found = await firstVisible(bestChunks(matches), topK, visible);
      if (found.length === topK || matches.length < many || many === MOST_VECTORS) return found;
    }
  };

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

const vectorOf = async (query: string, embedder: Embedder): Promise<Float32Array> => {
  const { embedded } = await embedTexts([query], embedder);
  const [only] = embedded;
  if (only?.vector) return only.vector;
  throw only?.error.code === 'invalid_embedding'
    ? only.error
    : new InvalidInputError([{ path: 'query', message: 'is not a text the embedding model takes' }], {
        cause: only?.error,
      });
};

/** One match an output, in the order given: the best chunk comes first. What is not an output's vector is left out. */
const bestChunks = (matches: VectorMatch[]): SearchMatch[] => {
  const best = new Map<string, SearchMatch>();
  for (const { score, metadata } of matches.toSorted((a, b) => b.score - a.score)) {
    const { run_id, index, text, ...rest } = metadata;
    if (typeof run_id !== 'string' || typeof index !== 'number') continue;
    const output = `${run_id}#${index}`;
    if (!best.has(output)) {
      best.set(output, { score, run_id, index, text: typeof text === 'string' ? text : '', metadata: rest });
    }
  }
  return [...best.values()];
};

/** The first `count` matches whose run may be seen; runs are read in lots no larger than what is still missing. */
const firstVisible = async (
  matches: SearchMatch[],
  count: number,
  visible: (runId: string) => Promise<boolean>,
): Promise<SearchMatch[]> => {
  const found: SearchMatch[] = [];
  for (let at = 0; at < matches.length && found.length < count; ) {
    const lot = matches.slice(at, at + count - found.length);
    const seen = await Promise.all(lot.map(({ run_id }) => visible(run_id)));
    found.push(...lot.filter((_, place) => seen[place]));
    at += lot.length;
  }
  return found;
};

const remember = <T>(read: (key: string) => Promise<T>): ((key: string) => Promise<T>) => {
  const known = new Map<string, Promise<T>>();
  return (key) => {
    const value = known.get(key) ?? read(key);
    known.set(key, value);
    return value;
  };
};
