import type { CheckResult } from '../checks/check.ts';
import type { SamplingReport } from '../sampling/setting.ts';
import type { LeftOut } from './fit-answer.ts';
import type { PlacedReasoning } from './reasoning.ts';
import type { TokenLogprob } from './token-logprobs.ts';
import type { ToolCall } from './tool-call.ts';

/** A failed attempt before the final one. */
export type FailedAttempt = {
  error: string;
  status: number | null;
  waited_ms: number;
  ttft_ms: number | null;
  e2e_ms: number | null;
};

/** A summary of intervals in ms. p95 needs 20 values and p99 needs 100; below that they are null (docs/metrics.md). */
export type Spread = {
  n: number;
  mean: number | null;
  std: number | null;
  min: number | null;
  p50: number | null;
  p90: number | null;
  p95: number | null;
  p99: number | null;
  max: number | null;
};

/** The timing figures of one generation (docs/metrics.md); `null` is unknown, never zero. */
export type Timing = {
  started_at: string;
  ttfr_ms: number | null;
  ttft_ms: number | null;
  ttfo_ms: number | null;
  ttlt_ms: number | null;
  e2e_ms: number;
  connect_ms: number | null;
  tpot_ms: number | null;
  seconds_per_token: number | null;
  decode_tokens_per_second: number | null;
  tokens_per_second: number | null;
  chunk_gaps_ms: Spread;
  itl_ms: Spread | null;
  token_count_source: 'usage' | 'logprobs' | 'continuous_usage' | 'tokenizer' | 'none';
  chunk_density: number | null;
  /** The longest gap, and the index in the trace of the chunk after it, which older runs do not have. */
  longest_gap_ms: number | null;
  longest_gap_chunk: number | null;
  cold_start: boolean;
  /** The longest that bytes of a mark waited to be read, in ms; null where that is not measured, and in older runs. */
  uncertainty_ms: number | null;
  /** The figures whose own bound exceeds 5 ms and 5 % of them. */
  uncertain: UncertainFigure[];
};

/** Figures that have a bound of their own. The other times and rates are made of these. */
export const UNCERTAIN_FIGURES = ['ttfr_ms', 'ttft_ms', 'ttfo_ms', 'ttlt_ms', 'e2e_ms', 'tpot_ms'] as const;
export type UncertainFigure = (typeof UNCERTAIN_FIGURES)[number];

export type Usage = {
  prompt_tokens: number | null;
  completion_tokens: number | null;
  reasoning_tokens: number | null;
  cached_tokens: number | null;
};

/** A price's source and date, and its rates in USD per million tokens (absent in older runs). */
export type Price = { source: string; as_of: string; input?: number; cached?: number; output?: number };

/** `server_code` and `param` are those of the model server's own error; absent where it names none. */
export type GenerationError = { code: string; message: string; server_code?: string; param?: string };

/** One output, as the API shows it and as the output object in S3 holds it. */
export type Generation = {
  index: number;
  label: string;
  sample: number;
  status: 'completed' | 'failed';
  text: string | null;
  /** The calls of tools that the model asks for; absent without any. `text` is empty when there is nothing else. */
  tool_calls?: ToolCall[];
  /** Reasoning items, of a server that speaks the Responses API; absent without any. */
  reasoning?: PlacedReasoning[];
  /** Of a stored output of a run with `store: false`: its texts were not stored. */
  not_stored?: true;
  finish_reason: string | null;
  model: string;
  /** The configured provider that served it; absent for the default model server. */
  provider?: string;
  sampling: SamplingReport;
  usage: Usage;
  timing: Timing | null;
  attempts: FailedAttempt[];
  checks: CheckResult[];
  cost_usd: number | null;
  price: Price | null;
  output_sha256: string | null;
  vector_ids: string[];
  /** Why the output has no vector, though its run is indexed: it has no text. Absent for any other. */
  not_indexed?: 'no_text';
  error: GenerationError | null;
  /** In the view of a run that would be too large, and in results of files: the fields that are left out there. */
  left_out?: LeftOut<'text' | 'tool_calls' | 'reasoning' | 'vector_ids' | 'sampling'>;
};

/** A received chunk of a stream. `t_ms` counts from t0; `tokens` is null when unknown. */
export type TraceChunk = {
  t_ms: number;
  text: string;
  tokens: number | null;
  kind?: 'reasoning' | 'refusal' | 'tool';
  /** Of kind `tool`: the place of its call in `tool_calls`. */
  call?: number;
  /** An entry for each of its tokens; absent where the server sent none. */
  logprobs?: TokenLogprob[];
};

/** The marks of docs/metrics.md in ms after t0; `t0_monotonic_ms` is t0 on the machine's monotonic clock. */
export type TraceMarks = {
  t0_utc: string;
  t0_monotonic_ms: number;
  completion_id: string | null;
  tH: number | null;
  tR: number | null;
  t1: number | null;
  tO: number | null;
  tL: number | null;
  tE: number | null;
};

export type Trace = { marks: TraceMarks; chunks: TraceChunk[] };

/** The content of `outputs/{run_id}/{index}.{lease_token}.json`, in the format of `encodeOutput`. */
export type OutputObject = { run_id: string; generation: Generation; trace: Trace };
