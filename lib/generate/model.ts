import type { TraceChunk, Usage } from '../runs/generation.ts';
import type { PlacedReasoning, ReasoningProgress } from '../runs/reasoning.ts';
import type { Message } from '../runs/request.ts';
import type { BegunCall, ToolCall } from '../runs/tool-call.ts';
import type { RequestParts } from '../sampling/chat-body.ts';
import type { Marks } from '../timing/figures.ts';
import type { ReadDelays } from '../timing/read-delays.ts';

/** One request to a model server. */
export type ModelRequest = RequestParts<Message>;

/** Limits of one attempt, in ms from t0 (`idle`: between two upstream events). */
export type Deadlines = { firstTokenMs: number; idleMs: number; totalMs: number };

/**
 * The answer of an attempt that ended with a finish reason. `marks` are on the injected monotonic clock; `chunks` are
 * the non-empty payloads in order, `t_ms` after t0.
 */
export type ModelAnswer = {
  completionId: string | null;
  model: string;
  text: string;
  /** The calls of tools that the model asks for, in order; empty without any. */
  toolCalls: ToolCall[];
  /** Reasoning items in order; absent or empty without any, as with every server of chat completions. */
  reasoning?: PlacedReasoning[];
  finishReason: string;
  usage: Usage;
  marks: Marks;
  chunks: TraceChunk[];
  connectMs: number | null;
  /** Bounds of how long the marks' bytes waited to be read; null where that cannot be measured. */
  readDelays: ReadDelays | null;
  /** Oddities that did not make the answer less, for people; without prompt and output. */
  warnings: string[];
};

/** How an answer ended, as the model server says, and the model that it names. */
export type Finish = { finishReason: string; model: string };

/**
 * `onChunk` also gets the t0 from which the chunk's `t_ms` counts, on the monotonic clock. `onCall` is called when a call of a tool begins, before its chunks, and again if its name comes later. `onReasoning` tells of reasoning items and their summaries. `onFinish` is
 * called once, when the finish reason has come: from then on the answer stands, however its stream ends.
 */
export type ModelListener = {
  onChunk?: ((chunk: TraceChunk, t0: number) => void) | undefined;
  onCall?: ((begun: BegunCall) => void) | undefined;
  onReasoning?: ((progress: ReasoningProgress) => void) | undefined;
  onFinish?: ((finish: Finish) => void) | undefined;
};

/**
 * The model port: one attempt, without retries. Resolves only with a finish reason; rejects with the reason of
 * `signal` when that aborts.
 *
 * @throws {UpstreamError} when the server answers with an error or cannot be reached
 * @throws {DeadlineError} when a deadline passes
 * @throws {IncompleteOutputError} when the stream ends without a finish reason; `unreadable_output`, not retryable, when
 * the answer is of another kind, or tokens are counted but no text is understood
 * @throws {ConfigurationError} when the key is refused or the address is wrong
 */
export type Model = {
  stream(
    request: ModelRequest,
    options: { deadlines: Deadlines; signal: AbortSignal } & ModelListener,
  ): Promise<ModelAnswer>;
};

/** Figures of a failed attempt. They travel with the error that `stream` throws; read them by `figuresOfError`. */
type AttemptFigures = {
  ttftMs: number | null;
  e2eMs: number;
  /** Whether the server may have begun to generate. */
  mayBeBilled: boolean;
};

const figuresByError = new WeakMap<Error, AttemptFigures>();
const refusedByError = new WeakMap<Error, string>();

/** Attaches an attempt's figures to the error that ended it, and returns the error. */
export const withFigures = <E extends Error>(error: E, figures: AttemptFigures): E => {
  figuresByError.set(error, figures);
  return error;
};

/** The figures of the attempt that an error ended; undefined if none were attached. */
export const figuresOfError = (error: unknown): AttemptFigures | undefined =>
  error instanceof Error ? figuresByError.get(error) : undefined;

/** Marks an error as the server's refusal of one field of the body by name, and returns it. */
export const withRefusedField = <E extends Error>(error: E, field: string | undefined): E => {
  if (field !== undefined) refusedByError.set(error, field);
  return error;
};

/** The body field that the server refused by name, if the error is such a refusal. */
export const refusedFieldOf = (error: unknown): string | undefined =>
  error instanceof Error ? refusedByError.get(error) : undefined;
