import type { Clock } from '../async/clock.ts';
import { allBytesOf, type ChargeDeps, reserveTexts, shareOf } from '../embed/charge-embeddings.ts';
import { embedTexts } from '../embed/embed-texts.ts';
import { measureEmbeddings, timed } from '../embed/measured-embedder.ts';
import { InvalidInputError } from '../errors.ts';
import type { Log } from '../observe/log.ts';
import type { RunList } from '../runs/ports.ts';
import type { Run } from '../runs/run.ts';
import { toDecimals } from '../vectors/decimals.ts';
import type { Embedder, VectorIndex, VectorMatch, VectorMetadata } from '../vectors/ports.ts';
import { pineconeFilter } from './pinecone-filter.ts';
import type { SearchMatch, SearchQuery } from './search-query.ts';

type SearchDeps = ChargeDeps & {
  embedder: Embedder;
  index: Pick<VectorIndex, 'query' | 'fetch'>;
  getRun(id: string): Promise<Run | undefined>;
  list: Pick<RunList, 'get'>;
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
 * const search = makeSearchOutputs({ embedder, index, getRun, list, namespace, budget, embeddingPriceOf });
 * const matches = await search('acme', { query: 'rain at sea', topK: 10, filter: { label: 'A' } });
 */
export const makeSearchOutputs =
  ({ embedder, index, getRun, list, namespace, ...charge }: SearchDeps) =>
  async (caller: string, query: SearchQuery): Promise<SearchMatch[]> => {
    const { topK, filter } = query;
    const indexFilter = pineconeFilter(filter);
    const vector = await vectorOf(query.query, caller, { embedder, ...charge });
    const visible = remember(async (id: string) => {
      const run = await getRun(id);
      return run?.status === 'deleted' || run?.caller !== caller ? undefined : run;
    });
    for (let many = Math.min(MAX_VECTORS, 2 * topK + 10); ; many = Math.min(MAX_VECTORS, many * 4)) {
      const matches = await index.query(namespace(caller), vector, {
        topK: many,
        ...(indexFilter ? { filter: indexFilter } : {}),
      });
      const found = await firstVisible(bestChunks(matches), topK, visible);
      if (found.length === topK || matches.length < many || many === MAX_VECTORS)
        return show(found, query, namespace(caller), { index, list });
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

/** A chunk of an output. */
type Chunk = { id: string; score: number; runId: string; index: number; metadata: VectorMetadata };

/** The best chunk of each output, best first. Skips vectors that are not of an output. */
const bestChunks = (matches: VectorMatch[]): Chunk[] => {
  const best = new Map<string, Chunk>();
  for (const { id, score, metadata } of matches.toSorted((a, b) => b.score - a.score)) {
    const { run_id: runId, index, ...rest } = metadata;
    if (typeof runId !== 'string' || typeof index !== 'number') continue;
    const output = `${runId}#${index}`;
    if (!best.has(output)) best.set(output, { id, score, runId, index, metadata: rest });
  }
  return [...best.values()];
};

/** A chunk with its run, which the caller may see. */
type Visible = Chunk & { run: Run };

/** The first `count` chunks with a visible run. Reads runs in batches no larger than the number still missing. */
const firstVisible = async (
  chunks: Chunk[],
  count: number,
  visible: (runId: string) => Promise<Run | undefined>,
): Promise<Visible[]> => {
  const found: Visible[] = [];
  for (let at = 0; at < chunks.length && found.length < count; ) {
    const batch = chunks.slice(at, at + count - found.length);
    const runs = await Promise.all(batch.map(({ runId }) => visible(runId)));
    found.push(
      ...batch.flatMap((chunk, place) => {
        const run = runs[place];
        return run ? [{ ...chunk, run }] : [];
      }),
    );
    at += batch.length;
  }
  return found;
};

/** The matches as they are answered. Reads the previews of their runs' prompts, and their vectors if they are wanted. */
const show = async (
  found: Visible[],
  { includesVectors = false }: SearchQuery,
  namespace: string,
  { index, list }: Pick<SearchDeps, 'index' | 'list'>,
): Promise<SearchMatch[]> => {
  const runs = [...new Map(found.map(({ run }) => [run.id, run])).values()];
  const ids = found.map(({ id }) => id);
  const [entries, records] = await Promise.all([
    Promise.all(runs.map((run) => list.get(run))),
    includesVectors ? index.fetch(namespace, ids) : [],
  ]);
  const previews = new Map(entries.map((entry, at) => [runs[at]?.id, entry?.promptPreview ?? null]));
  const values = new Map(records.map((record) => [record.id, toDecimals(record.values)]));
  return found.map(({ id, score, run, index, metadata: { text, ...metadata } }) => ({
    score,
    run_id: run.id,
    index,
    text: textOr(text, ''),
    model: textOr(metadata.model, run.model),
    label: textOr(metadata.label, ''),
    created_at: run.createdAt,
    prompt_preview: previews.get(run.id) ?? null,
    metadata,
    ...(includesVectors && { vector: values.get(id) ?? null }),
  }));
};

const textOr = (value: unknown, other: string): string => (typeof value === 'string' ? value : other);

const remember = <T>(read: (key: string) => Promise<T>): ((key: string) => Promise<T>) => {
  const known = new Map<string, Promise<T>>();
  return (key) => {
    const value = known.get(key) ?? read(key);
    known.set(key, value);
    return value;
  };
};
