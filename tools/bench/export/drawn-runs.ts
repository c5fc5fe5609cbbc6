import type { ExportDeps } from '../../../lib/export/rows.ts';
import type { Generation, Spread } from '../../../lib/runs/generation.ts';
import { cursorOf } from '../../../lib/runs/list/cursor.ts';
import { listedOf } from '../../../lib/runs/list/entry.ts';
import { encodeOutput } from '../../../lib/runs/output-object.ts';
import { makeFigures, makeRun } from '../../../test/factories/run.ts';

const CALLER = 'docs';
const NEWEST = Date.UTC(2026, 10, 22);
const TEXT = 'A vector database stores embeddings and finds the nearest ones. '.repeat(16);

const idOf = (at: number): string => `run_${String(at).padStart(26, '0')}`;

/** The run at a place of the list, the newest at 0. */
const runAt = (at: number) =>
  makeRun({
    id: idOf(at),
    caller: CALLER,
    createdAt: new Date(NEWEST - at * 1_000).toISOString(),
    status: 'completed',
    metadata: { team: at % 2 === 0 ? 'docs' : 'search' },
    generations: [makeFigures()],
    dueAt: null,
  });

const SPREAD: Spread = {
  n: 76,
  mean: 11.1,
  std: 0.4,
  min: 10.1,
  p50: 11,
  p90: 11.6,
  p95: 12,
  p99: null,
  max: 31.5,
};

const generation: Generation = {
  index: 0,
  label: 'default',
  sample: 0,
  status: 'completed',
  text: TEXT,
  finish_reason: 'stop',
  model: 'gpt-6-luna-2026-10-01',
  sampling: { requested: { max_tokens: 1024 }, sent: { max_tokens: 1024 }, effective: {}, warnings: [] },
  usage: { prompt_tokens: 9, completion_tokens: 77, reasoning_tokens: 0, cached_tokens: 0 },
  timing: {
    started_at: '2026-11-22T00:00:00.000Z',
    ...{ ttfr_ms: 140, ttft_ms: 142.25, ttfo_ms: 142.25, ttlt_ms: 985.5, e2e_ms: 990.5, connect_ms: 1.5 },
    ...{ tpot_ms: 11.1, seconds_per_token: 0.0129, decode_tokens_per_second: 90, tokens_per_second: 77.7 },
    ...{ chunk_gaps_ms: SPREAD, itl_ms: SPREAD, token_count_source: 'usage', chunk_density: 1 },
    ...{ cold_start: false, uncertainty_ms: 0.75, uncertain: [] },
    ...{ longest_gap_ms: 31.5, longest_gap_chunk: 12 },
  },
  attempts: [],
  checks: [],
  cost_usd: 0.0000394,
  price: { source: 'genai-prices', as_of: '2026-11-01' },
  output_sha256: null,
  vector_ids: [],
  error: null,
};

const trace = {
  marks: {
    ...{ t0_utc: '2026-11-22T00:00:00.000Z', t0_monotonic_ms: 1, completion_id: 'c' },
    ...{ tH: 140, tR: 140, t1: 142.25, tO: 142.25, tL: 985.5, tE: 990.5 },
  },
  chunks: TEXT.split(/(?<= )/).map((text, at) => ({ t_ms: 142.25 + at * 11.1, text, tokens: 1 })),
};

/** The stored output of a run of one generation. */
export const drawnOutput = (runId: string): string => encodeOutput({ run_id: runId, generation, trace }, {});

/** Ports of so many runs, which are made when they are read and forgotten after that, so that they take no memory. */
export const makeDrawnRuns = (runs: number): Pick<ExportDeps, 'listRuns' | 'runs' | 'content'> => {
  const placeOf = (cursor: string | undefined): number =>
    cursor === undefined
      ? 0
      : Number(/run_(\d+)$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1]) + 1;
  return {
    listRuns: async ({ limit, cursor }) => {
      const from = placeOf(cursor);
      const to = Math.min(runs, from + limit);
      const page = Array.from({ length: to - from }, (_, at) => runAt(from + at));
      const last = page.at(-1);
      return {
        runs: page.map((run) => ({ ...listedOf(run), promptPreview: null, textPreview: null })),
        nextCursor: to < runs && last ? cursorOf(`${last.createdAt}#${last.id}`) : null,
      };
    },
    runs: { get: async (id) => runAt(Number(id.slice('run_'.length))) },
    content: {
      get: async (key) => drawnOutput(key.split('/')[1] ?? ''),
    },
  };
};
