import type { TraceChunk, Usage } from '../runs/generation.ts';
import type { Message } from '../runs/request.ts';
import type { Marks } from '../timing/figures.ts';

/**
 * One request to a model server, already translated: `body` is what is sent, but for stream options, which are left
 * out when `includeUsage` is false; `continuousUsage` asks for the usage so far in every chunk.
 */
export type ModelRequest = {
  model: string;
  messages: Message[];
  body: Record<string, unknown>;
  includeUsage?: boolean;
  continuousUsage?: boolean;
};

/** Limits of one attempt, in ms from t0 (`idle`: between two upstream events). */
export type Deadlines = { firstTokenMs: number; idleMs: number; totalMs: number };

/**
 * What came back of one attempt that ended with a finish reason. `marks` are on the injected monotonic clock;
 * `chunks` are the non-empty payloads in order, `t_ms` after t0.
 */
export type ModelAnswer = {
  completionId: string | null;
  model: string;
  text: string;
  finishReason: string;
  usage: Usage;
  marks: Marks;
  chunks: TraceChunk[];
  connectMs: number | null;
};

/** Figures of an attempt that failed, read off the error that `stream` throws by `figuresOfError`. */
export type AttemptFigures = { ttftMs: number | null; e2eMs: number };

/**
 * The model port: one attempt, never retried inside. Resolves only with a finish reason; throws `UpstreamError`,
 * `DeadlineError`, `IncompleteOutputError` or `ConfigurationError`. Aborting `signal` rejects with its reason.
 */
export type Model = {
  stream(
    request: ModelRequest,
    options: { deadlines: Deadlines; signal: AbortSignal; onChunk?: (chunk: TraceChunk) => void },
  ): Promise<ModelAnswer>;
};
