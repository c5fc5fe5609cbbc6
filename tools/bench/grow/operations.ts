import type { Pinecone } from '@pinecone-database/pinecone';
import { drawnVector } from '../files/drawn-content.ts';
import { NAMESPACE } from './stored.ts';

/** Outputs of a run. */
const GENERATIONS = [1, 8, 64] as const;
const PROMPT = 'Explain vector databases in a technical manner.';
const QUERY = 'How does HNSW find near neighbours?';
const SETTLE_LIMIT_MS = 60_000;
const POLL_MS = 50;
/** Rows of the measured export, and vectors of the measured query, as a search of ten matches asks for them. */
export const EXPORTED = 1_000;
const NEAREST = 30;

/**
 * The API of a stack with so many stored runs, the last of them before `until` (ISO 8601). `runs` has those that the
 * operations made, by their number of outputs.
 */
export type Api = { api: string; until: string; runs: Map<number, string> };
export type Target = Api & { vectors: ReturnType<Pinecone['index']> };

/** `settle` waits for work that goes on after the answer, and is not timed. `isLimited`: it may grow by half. */
export type Operation<At> = {
  name: string;
  ask(at: At): Promise<unknown>;
  settle?(at: At): Promise<void>;
  isLimited?: boolean;
};

const request = async ({ api }: Api, path: string, body?: object): Promise<string> => {
  const response = await fetch(`${api}${path}`, {
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json' },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 300)}`);
  return text;
};

const untilCompleted = async (at: Api, generations: number): Promise<void> => {
  const path = `/runs/${at.runs.get(generations)}`;
  for (const end = performance.now() + SETTLE_LIMIT_MS; performance.now() < end; ) {
    if (JSON.parse(await request(at, path)).status === 'completed') return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`${path} was not completed within ${SETTLE_LIMIT_MS / 1_000} s`);
};

const named = (generations: number): string =>
  `${generations} ${generations === 1 ? 'generation' : 'generations'}`;

/** The requests of the API that are measured, in the order in which each round sends them. */
export const OPERATIONS: readonly Operation<Api>[] = [
  ...GENERATIONS.map(
    (generations): Operation<Api> => ({
      name: `POST /runs, ${named(generations)}`,
      ask: async (at) => {
        const body = { prompt: PROMPT, max_tokens: 100, samples: generations };
        at.runs.set(generations, JSON.parse(await request(at, '/runs', body)).id);
      },
      settle: (at) => untilCompleted(at, generations),
    }),
  ),
  ...GENERATIONS.map(
    (generations): Operation<Api> => ({
      name: `GET /runs/{run_id}, ${named(generations)}`,
      ask: (at) => request(at, `/runs/${at.runs.get(generations)}`),
    }),
  ),
  { name: 'GET /runs, a page of 20', ask: (at) => request(at, '/runs?limit=20'), isLimited: true },
  {
    name: 'POST /search, 10 matches',
    ask: async (at) => {
      const { data } = JSON.parse(await request(at, '/search', { query: QUERY, top_k: 10 }));
      if (data.length !== 10) throw new Error(`a search found ${data.length} outputs, not 10`);
    },
    isLimited: true,
  },
  { name: 'GET /usage, 30 days', ask: (at) => request(at, '/usage?since=30d'), isLimited: true },
  {
    name: `export of ${EXPORTED.toLocaleString('en')} rows`,
    ask: async (at) => {
      const path = `/runs?format=jsonl&until=${at.until}&limit=${EXPORTED}`;
      const rows = (await request(at, path)).trimEnd().split('\n').length;
      if (rows !== EXPORTED) throw new Error(`an export had ${rows} rows, not ${EXPORTED}`);
    },
    isLimited: true,
  },
];

/** A query as a search sends it, to the local Pinecone alone. */
export const VECTOR_QUERY: Operation<Target> = {
  name: `local Pinecone, ${NEAREST} nearest`,
  ask: ({ vectors }) =>
    vectors.query({
      vector: Array.from(drawnVector(QUERY)),
      topK: NEAREST,
      includeMetadata: true,
      namespace: NAMESPACE,
    }),
};
