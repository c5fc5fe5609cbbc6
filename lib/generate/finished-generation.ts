import { createHash } from 'node:crypto';
import type { Clock } from '../async/clock.ts';
import { EverytokenError, UpstreamError } from '../errors.ts';
import { costOf, type Prices } from '../pricing/prices.ts';
import type { FailedAttempt, Generation, GenerationError, Trace } from '../runs/generation.ts';
import type { TokenLogprob } from '../runs/token-logprobs.ts';
import type { SamplingReport, Setting } from '../sampling/setting.ts';
import { figuresOf, type Marks } from '../timing/figures.ts';
import type { ModelAnswer } from './model.ts';

/** `throttled`: the output failed because of the server's rate limit; `retryAfterMs` is the server's Retry-After. */
export type GeneratedOutput = {
  generation: Generation;
  trace: Trace;
  throttled?: { retryAfterMs: number | undefined };
};

export type FinishDeps = {
  clock: Clock;
  prices: Prices;
  /** Whether this invocation is the first of its execution environment. */
  coldStart: boolean;
};

type Position = { setting: Setting; index: number; sample: number };
type History = { sampling: SamplingReport; attempts: FailedAttempt[] };

/** Builds the generation and trace of an answer; `vector_ids` are filled in later. */
export const completedGeneration = (
  { setting, index, sample }: Position,
  { answer, sampling, attempts }: History & { answer: ModelAnswer },
  { clock, prices, coldStart }: FinishDeps,
): GeneratedOutput => {
  const { marks, usage, chunks, connectMs, readDelays } = answer;
  const t0Utc = utcOf(marks.t0, clock);
  const { costUsd, price } = costOf(answer.model, usage, prices, clock.now());
  const generation: Generation = {
    index,
    label: setting.label,
    sample,
    status: 'completed',
    text: answer.text,
    ...(answer.toolCalls.length > 0 && { tool_calls: answer.toolCalls }),
    ...(answer.reasoning?.length && { reasoning: answer.reasoning }),
    finish_reason: answer.finishReason,
    model: answer.model,
    sampling: asObserved(sampling, answer),
    usage,
    timing: figuresOf(marks, usage, chunks, { startedAt: t0Utc, connectMs, coldStart, readDelays }),
    attempts,
    checks: [],
    cost_usd: costUsd,
    price,
    output_sha256: createHash('sha256').update(answer.text, 'utf8').digest('hex'),
    vector_ids: [],
    error: null,
  };
  return { generation, trace: { marks: traceMarks(marks, t0Utc, answer.completionId), chunks } };
};

/** Builds a failed generation: no text, the figures of its attempts only, and the error. */
export const failedGeneration = (
  { setting, index, sample }: Position,
  { error, sampling, attempts, triedAt }: History & { error: unknown; triedAt: number },
  { clock }: Pick<FinishDeps, 'clock'>,
): GeneratedOutput => {
  const generation: Generation = {
    index,
    label: setting.label,
    sample,
    status: 'failed',
    text: null,
    finish_reason: null,
    model: setting.model,
    sampling,
    usage: { prompt_tokens: null, completion_tokens: null, reasoning_tokens: null, cached_tokens: null },
    timing: null,
    attempts,
    checks: [],
    cost_usd: null,
    price: null,
    output_sha256: null,
    vector_ids: [],
    error: publicError(error),
  };
  return {
    generation,
    trace: { marks: traceMarks({ t0: triedAt }, utcOf(triedAt, clock), null), chunks: [] },
  };
};

/**
 * Corrects the sampling report by the answer: adds its warnings, and if requested log probabilities or alternatives are
 * missing, the server dropped them.
 */
const asObserved = (report: SamplingReport, { chunks, warnings }: ModelAnswer): SamplingReport => {
  const effective = { ...report.effective };
  const own: string[] = [];
  const isDropped = (field: 'logprobs' | 'top_logprobs', wanted: boolean, isFound: boolean): void => {
    if (!wanted || isFound) return;
    effective[field] = null;
    own.push(`${field} were requested, but the server sent none`);
  };
  const hasText = chunks.some(({ kind }) => kind === undefined);
  const has = (isSought: (token: TokenLogprob) => boolean) =>
    chunks.some(({ logprobs }) => logprobs?.some(isSought));
  isDropped(
    'logprobs',
    hasText && effective.logprobs === true,
    has(() => true),
  );
  isDropped(
    'top_logprobs',
    hasText && Number(effective.top_logprobs ?? 0) > 0,
    has(({ top_logprobs }) => top_logprobs.length > 0),
  );
  return { ...report, effective, warnings: [...report.warnings, ...warnings, ...own] };
};

/** Shows the messages of our own errors only: an unknown error's message could quote a prompt or a key. */
const publicError = (error: unknown): GenerationError =>
  error instanceof EverytokenError
    ? { code: error.code, message: error.message, ...(error instanceof UpstreamError && error.named) }
    : { code: 'internal', message: 'the generation failed for an unknown reason' };

const utcOf = (instant: number, clock: Clock): string =>
  new Date(clock.now() - (clock.monotonic() - instant)).toISOString();

const traceMarks = (marks: Marks, t0Utc: string, completionId: string | null): Trace['marks'] => {
  const since = (mark: number | undefined) => (mark === undefined ? null : mark - marks.t0);
  return {
    t0_utc: t0Utc,
    t0_monotonic_ms: marks.t0,
    completion_id: completionId,
    tH: since(marks.tH),
    tR: since(marks.tR),
    t1: since(marks.t1),
    tO: since(marks.tO),
    tL: since(marks.tL),
    tE: since(marks.tE),
  };
};
