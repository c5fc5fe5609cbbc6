import type { Clock } from '../async/clock.ts';
import { allBytesOf, type ChargeDeps, reserveTexts, shareOf } from '../embed/charge-embeddings.ts';
import { embedTexts } from '../embed/embed-texts.ts';
import { measureEmbeddings, timed } from '../embed/measured-embedder.ts';
import { InvalidInputError } from '../errors.ts';
import type { Log } from '../observe/log.ts';
import type { Run } from '../runs/run.ts';
import type { Embedder, VectorIndex, VectorMatch } from '../vectors/ports.ts';
import { pineconeFilter } from './pinecone-filter.ts';
import type { SearchMatch, SearchQuery } from './search-query.ts';

type SearchDeps = ChargeDeps & {
  embedder: Embedder;
  index: Pick<VectorIndex, 'query'>;
  getRun(id: string): Promise<Run | undefined>;
  /** The namespace of a caller's vectors, see `namespaceOf`. */
  namespace(caller: string): string;
};

/** Upper bound of the vectors that one search reads. */
const MAX_VECTORS = 1_000;

/**
 * Finds a caller's outputs by meaning, best first. An output with several matching chunks counts once, by its best.
 * Drops vectors whose run is absent, deleted or another caller's, and reads more vectors in their place, up to 1,000;
 * fewer than `topK` results mean that there are no more among these.
 * @throws {InvalidInputError} When the embedding model refuses the query.
 * @throws {OverBudgetError} When the caller's budget of the day does not cover its embedding.
 *
 * @example
 * const search = makeSearchOutputs({ embedder, index, getRun, namespace, budget, embeddingPriceOf });
 * const matches = await search('acme', { query: 'rain at sea', topK: 10, filter: { label: 'A' } });
 */
export const makeSearchOutputs =
  ({ embedder, index, getRun, namespace, ...charge }: SearchDeps) =>
  async (caller: string, { query, topK, filter }: SearchQuery): Promise<SearchMatch[]> => {
    const indexFilter = pineconeFilter(filter);
    const vector = await vectorOf(query, caller, { embedder, ...charge });
    const visible = remember(async (id: string) => {
      const run = await getRun(id);
      return run !== undefined && run.status !== 'deleted' && run.caller === caller;
    });
    for (let many = Math.min(MAX_VECTORS, 2 * topK + 10); ; many = Math.min(MAX_VECTORS, many * 4)) {
      const matches = await index.query(namespace(caller), vector, {
        topK: many,
        ...(indexFilter ? { filter: indexFilter } : {}),
      });
      const found = await firstVisible(bestChunks(matches), topK, visible);
      if (found.length === topK || matches.length < many || many === MAX_VECTORS) return found;
    }
  };

/** `makeSearchOutputs` that logs each answered search with the metrics of its embedding, and never the query itself. */
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

const vectorOf = async (
  query: string,
  caller: string,
  { embedder, ...deps }: Pick<SearchDeps, 'embedder'> & ChargeDeps,
): Promise<Float32Array> => {
  const reserved = await reserveTexts(caller, [query], deps);
  const { embedded, tokens } = await embedTexts([query], embedder);
  if (reserved) {
    const shared = { counted: tokens, all: allBytesOf([[query]]) };
    await deps.budget.settle(caller, reserved, shareOf([query], shared, reserved, deps));
  }
  const [only] = embedded;
  if (only?.vector) return only.vector;
  throw only?.error.code === 'invalid_embedding'
    ? only.error
    : new InvalidInputError(
        [{ path: 'query', message: 'is refused by the embedding model; send another text' }],
        {
          cause: only?.error,
        },
      );
};

/** The best match of each output, best first. Skips vectors that are not of an output. */
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

/** The first `count` matches with a visible run. Reads runs in batches no larger than the number still missing. */
const firstVisible = async (
  matches: SearchMatch[],
  count: number,
  visible: (runId: string) => Promise<boolean>,
): Promise<SearchMatch[]> => {
  const found: SearchMatch[] = [];
  for (let at = 0; at < matches.length && found.length < count; ) {
    const batch = matches.slice(at, at + count - found.length);
    const seen = await Promise.all(batch.map(({ run_id }) => visible(run_id)));
    found.push(...batch.filter((_, place) => seen[place]));
    at += batch.length;
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
