import type { Clock } from '../async/clock.ts';
import { within } from '../async/within.ts';
import { allBytesOf, type ChargeDeps, reserveQuery, shareOf } from '../embed/charge-embeddings.ts';
import { embedTexts, isRefusal } from '../embed/embed-texts.ts';
import { measureEmbeddings, timed } from '../embed/measured-embedder.ts';
import { InvalidInputError } from '../errors.ts';
import type { Log } from '../observe/log.ts';
import type { RunList } from '../runs/ports.ts';
import type { Run } from '../runs/run.ts';
import type { Embedder, VectorIndex } from '../vectors/ports.ts';
import { type Chunk, chunksOf, firstOfEach } from './chunks.ts';
import { type AskVectors, makeLookUp } from './look-up-words.ts';
import { pineconeFilter } from './pinecone-filter.ts';
import { type QueryWords, readQueryWords } from './query-words.ts';
import { rankByWords } from './rank-by-words.ts';
import type { SearchMatch, SearchQuery } from './search-query.ts';
import { showMatches, type Visible } from './show-matches.ts';

type SearchDeps = ChargeDeps & {
  embedder: Embedder;
  index: Pick<VectorIndex, 'query' | 'fetch'>;
  getRun(id: string): Promise<Run | undefined>;
  list: Pick<RunList, 'get'>;
  /** The namespace of a caller's vectors, see `namespaceOf`. */
  namespace(caller: string): string;
  log: Log;
};

/** `warnings` say why matches may be missing. */
type Found = { matches: SearchMatch[]; warnings: string[] };

/** How long a search waits for the look-up of words after it has what is nearest in meaning. */
const WORDS_MS = 2_000;
const TOO_LARGE =
  'the index cannot read more vectors for this search; there may be further matches: narrow it by a filter';
const NO_WORDS = 'the words of the query could not be looked up; these are the matches by meaning alone';

/** Upper bound of the vectors that one search reads. */
const MAX_VECTORS = 1_000;

/**
 * Finds a caller's outputs by meaning and by the rare words of the query, best first (`rankByWords`); by meaning alone
 * when the query has none. An output with several matching chunks counts once, by its best. Drops vectors whose run is
 * absent, deleted or another caller's, and reads more vectors in their place, up to 1,000; fewer than `topK` results
 * mean that there are no more among these. A warning, not an error, are words that cannot be looked up, and an index that
 * refuses to return as many vectors as that.
 * @throws {InvalidInputError} When the embedding model refuses the query.
 * @throws {OverBudgetError} When the caller's budget of the day does not cover its embedding.
 *
 * @example
 * const search = makeSearchOutputs({ embedder, index, getRun, list, namespace, budget, embeddingPriceOf, log });
 * const { matches } = await search('acme', { query: 'rain at sea', topK: 10, filter: { label: 'A' } });
 */
export const makeSearchOutputs =
  ({ embedder, index, getRun, list, namespace, log, ...charge }: SearchDeps) =>
  async (caller: string, query: SearchQuery): Promise<Found> => {
    const { topK, filter } = query;
    const own = namespace(caller);
    const given = pineconeFilter(filter);
    const vector = await vectorOf(query.query, caller, { embedder, ...charge });
    const ask: AskVectors = (most, also) => {
      const clauses = [given, also].filter((clause) => clause !== undefined);
      const all = clauses.length > 1 ? { $and: clauses } : clauses[0];
      return index.query(own, vector, { topK: most, ...(all && { filter: all }) });
    };
    const words = readQueryWords(query.query);
    const lookUp = makeLookUp(words, ask, log);
    const visible = remember(async (id: string) => {
      const run = await getRun(id);
      return run?.status === 'deleted' || run?.caller !== caller ? undefined : run;
    });
    let found: Visible[] | undefined;
    const warnings = new Set<string>();
    for (let many = Math.min(MAX_VECTORS, 2 * topK + 10); ; many = Math.min(MAX_VECTORS, many * 4)) {
      const [near, literal] = await bothOf(
        ask(many).catch(undefinedIf((error) => isRefusal(error) && found !== undefined)),
        warnings.has(NO_WORDS) ? Promise.resolve(undefined) : lookUp(many),
      );
      if (literal === undefined) warnings.add(NO_WORDS);
      if (near === undefined) warnings.add(TOO_LARGE);
      else {
        const chunks = inOrder(chunksOf(near), chunksOf(literal?.matches ?? []), words);
        found = await firstVisible(firstOfEach(chunks), topK, visible);
        if (found.length < topK && near.length === many && many < MAX_VECTORS) continue;
      }
      return {
        matches: await showMatches(found ?? [], query, own, { index, list }),
        warnings: [...warnings],
      };
    }
  };

const undefinedIf =
  (isExpected: (error: unknown) => boolean) =>
  (error: unknown): undefined => {
    if (!isExpected(error)) throw error;
  };

/** Waits for the vectors nearest in meaning, and then a while for the words, which a search can do without. */
const bothOf = async <Meaning, Words>(
  meaning: Promise<Meaning>,
  words: Promise<Words | undefined>,
): Promise<[Meaning, Words | undefined]> => [await meaning, await within(WORDS_MS, words)];

/** Without rare words the order is that of the meaning. */
const inOrder = (near: Chunk[], literal: Chunk[], words: QueryWords): Chunk[] => {
  if (words.words.length === 0) return near.toSorted((a, b) => b.score - a.score);
  const all = [...new Map([...near, ...literal].map((chunk) => [chunk.id, chunk])).values()];
  const scores = near.map(({ score }) => score);
  return rankByWords(all, scores, words);
};

/** `makeSearchOutputs` that logs each answered search with the metrics of its embedding, and never the query itself. */
export const makeLoggedSearch =
  ({ clock, ...deps }: SearchDeps & { clock: Clock }) =>
  async (caller: string, query: SearchQuery): Promise<Found> => {
    const startedAt = clock.monotonic();
    const { embedder, seen } = timed(deps.embedder, clock);
    const found = await makeSearchOutputs({ ...deps, embedder })(caller, query);
    const fields = { matches: found.matches.length, duration_ms: Math.round(clock.monotonic() - startedAt) };
    deps.log.info('search.answered', fields, measureEmbeddings(embedder, seen));
    return found;
  };

const vectorOf = async (
  query: string,
  caller: string,
  { embedder, ...deps }: Pick<SearchDeps, 'embedder'> & ChargeDeps,
): Promise<Float32Array> => {
  const reserved = await reserveQuery(caller, query, deps);
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

const remember = <T>(read: (key: string) => Promise<T>): ((key: string) => Promise<T>) => {
  const known = new Map<string, Promise<T>>();
  return (key) => {
    const value = known.get(key) ?? read(key);
    known.set(key, value);
    return value;
  };
};
