import type { Random } from '../async/clock.ts';
import { type Amount, NOTHING } from '../budget/amount.ts';
import { boundOfAttempt, usedBy } from '../budget/charges.ts';
import type { AttemptMeter } from '../budget/meter.ts';
import { codeOf, EverytokenError, OverBudgetError, UpstreamError } from '../errors.ts';
import type { FailedAttempt } from '../runs/generation.ts';
import type { Message } from '../runs/request.ts';
import { sentFieldsOf, streamedBody } from '../sampling/chat-body.ts';
import { refusalKeyOf, rememberRefusal, type SentField } from '../sampling/refusals.ts';
import { hasContinuousUsage, kindOf, type Server } from '../sampling/server.ts';
import type { Setting } from '../sampling/setting.ts';
import {
  formsAnswer,
  isLimit,
  notAppliedError,
  notAppliedIssues,
  type UpstreamBody,
  upstreamBody,
} from '../sampling/upstream-body.ts';
import {
  completedGeneration,
  type FinishDeps,
  failedGeneration,
  type GeneratedOutput,
} from './finished-generation.ts';
import {
  figuresOfError,
  type Model,
  type ModelAnswer,
  type ModelListener,
  type ModelRequest,
  refusedFieldOf,
} from './model.ts';
import { DEFAULT_RETRY_POLICY, nextDelayMs, type RetryPolicy } from './retry-policy.ts';

/** One output to generate. */
export type GenerationTask = {
  setting: Setting;
  index: number;
  sample: number;
  messages: Message[];
  /** Fails with `sampling_not_applied` where a field would have no effect, instead of leaving it out. */
  strictSampling?: boolean;
  signal: AbortSignal;
  /** Epoch ms after which no attempt or wait may last; `policy.totalMs` from now if absent. */
  deadlineAt?: number;
  /** Counts each attempt before it is sent; absent where no budget limits the run. */
  meter?: AttemptMeter | undefined;
  /** Called when a retry begins (2 for the second attempt): chunks reported so far are void. */
  onRestart?: (attempt: number) => void;
} & ModelListener;

/** The port of one generation, retried and timed. Rejects only with the signal's reason. */
export type GenerateOne = (task: GenerationTask) => Promise<GeneratedOutput>;

export type GenerationDeps = FinishDeps & {
  model: Model;
  server: Server;
  random: Random;
  /** Rejects with the signal's reason, or an error of its own, when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<unknown>;
  policy?: RetryPolicy;
};

/**
 * Generates one output. It retries until the model answers with a finish reason, the error is permanent, or attempts
 * or time run out. When the server refuses a field by name, the request is resent at once without it, which does not
 * count as an attempt; with `strictSampling` the generation fails instead. Resolves to a `completed` or `failed`
 * generation; rejects only with the reason of an aborted `signal`.
 *
 * @example
 * const task = { setting, index: 0, sample: 0, messages, signal: AbortSignal.timeout(60_000) };
 * const { generation, trace } = await generateOne(task, deps); // check generation.status: a failure does not reject
 */
export const generateOne = async (task: GenerationTask, deps: GenerationDeps): Promise<GeneratedOutput> => {
  const { setting, signal } = task;
  const { clock, server, policy = DEFAULT_RETRY_POLICY } = deps;
  const startedAt = clock.monotonic();
  const endsAt =
    startedAt + Math.min(policy.totalMs, (task.deadlineAt ?? Number.POSITIVE_INFINITY) - clock.now());
  const attempts: FailedAttempt[] = [];
  let failures = 0;

  for (;;) {
    signal.throwIfAborted();
    const upstream = upstreamBody(setting, server);
    const { sampling, notApplied } = upstream;
    const triedAt = clock.monotonic();
    if (task.strictSampling && notApplied.length > 0) {
      const error = notAppliedError(notAppliedIssues(notApplied));
      return failedGeneration(task, { error, sampling, attempts, triedAt }, deps);
    }
    if (attempts.length > 0) task.onRestart?.(attempts.length + 1);
    const request = requestOf(task, upstream, server);
    try {
      await task.meter?.begin(boundOf(request, task, deps));
    } catch (error) {
      if (!(error instanceof OverBudgetError)) throw error;
      return failedGeneration(task, { error, sampling, attempts, triedAt }, deps);
    }
    try {
      const answer = await attempt(task, request, deps, endsAt - triedAt);
      const output = completedGeneration(task, { answer, sampling, attempts }, deps);
      task.meter?.end((bound) => usedBy(output.generation, bound));
      return output;
    } catch (error) {
      signal.throwIfAborted();
      const failed = failedAttempt(error, clock.monotonic() - triedAt);
      attempts.push(failed);
      task.meter?.end(mayBeBilled(error, failed) ? undefined : () => NOTHING);
      if (noteRefusedField(error, request, server)) continue;
      failures++;
      const delayMs = nextDelayMs(
        error,
        { failures, remainingMs: endsAt - clock.monotonic() },
        policy,
        deps.random,
      );
      if (delayMs === null) {
        const failure = { error, sampling, attempts, triedAt };
        return { ...failedGeneration(task, failure, deps), ...throttledBy(error) };
      }
      failed.waited_ms = delayMs;
      await sleepOrAbort(delayMs, deps, signal);
    }
  }
};

const throttledBy = (error: unknown): Pick<GeneratedOutput, 'throttled'> =>
  error instanceof UpstreamError && error.code === 'rate_limited'
    ? { throttled: { retryAfterMs: error.retryAfterMs } }
    : {};

const requestOf = (
  { setting, messages }: GenerationTask,
  { endpoint, body, includeUsage }: UpstreamBody,
  server: Server,
): ModelRequest => ({
  model: setting.model,
  messages,
  ...(endpoint && { endpoint }),
  body,
  ...(includeUsage ? {} : { includeUsage }),
  ...(hasContinuousUsage(kindOf(server, setting.model)) ? { continuousUsage: true } : {}),
});

const boundOf = (
  request: ModelRequest,
  { setting }: GenerationTask,
  { server, prices, clock }: GenerationDeps,
): Amount =>
  boundOfAttempt(streamedBody(request, server.baseUrl), { server, setting }, (promptTokens) =>
    prices.priceOf(setting.model, promptTokens, clock.now()),
  );

/**
 * Whether a server may bill a failed attempt: it may have been generating when the answer broke off, came too late or
 * never came. It has not when it was not reached, or answered with an error before the first token.
 */
const mayBeBilled = (error: unknown, { status, ttft_ms }: FailedAttempt): boolean =>
  ttft_ms !== null || (figuresOfError(error)?.mayBeBilled ?? status === null);

const attempt = (
  { signal, onChunk, onCall, onReasoning, onFinish }: GenerationTask,
  request: ModelRequest,
  { model, policy: { firstTokenMs, idleMs, totalMs } = DEFAULT_RETRY_POLICY }: GenerationDeps,
  remainingMs: number,
): Promise<ModelAnswer> =>
  model.stream(request, {
    deadlines: { firstTokenMs, idleMs, totalMs: Math.max(0, Math.min(totalMs, remainingMs)) },
    signal,
    onChunk,
    onCall,
    onReasoning,
    onFinish,
  });

const failedAttempt = (error: unknown, tookMs: number): FailedAttempt => {
  const figures = figuresOfError(error);
  const status = error instanceof EverytokenError && 'status' in error ? error.status : undefined;
  return {
    error: codeOf(error),
    status: typeof status === 'number' ? status : null,
    waited_ms: 0,
    ttft_ms: figures?.ttftMs ?? null,
    e2e_ms: figures?.e2eMs ?? tookMs,
  };
};

/**
 * Remembers a field that the server refused, if a resend can succeed: the field was in the body and may be left out,
 * and the token limit (which is renamed, not left out) was not refused before. False: the error is an ordinary failure.
 */
const noteRefusedField = (error: unknown, request: ModelRequest, server: Server): boolean => {
  const field = refusedFieldOf(error);
  const wasSent = (one: SentField) => (typeof one === 'string' ? one : one.field) === field;
  if (field === undefined || !sentFieldsOf(request).some(wasSent)) return false;
  if (formsAnswer(field)) return false;
  const key = refusalKeyOf(request);
  if (isLimit(field) && [...(server.refused.get(key) ?? [])].some(isLimit)) return false;
  rememberRefusal(server, key, field);
  return true;
};

const sleepOrAbort = async (ms: number, { sleep }: GenerationDeps, signal: AbortSignal): Promise<void> => {
  try {
    await sleep(ms, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
};
