import { codeOf, EverytokenError, UpstreamError } from '../errors.ts';
import type { FailedAttempt } from '../runs/generation.ts';
import { rememberRefusal } from '../sampling/refusals.ts';
import { hasContinuousUsage, kindOf, type Server } from '../sampling/server.ts';
import { isLimit, notAppliedError, notAppliedIssues, upstreamBody } from '../sampling/upstream-body.ts';
import { figuresOfError, refusedFieldOf } from './attempt-figures.ts';
import { completedGeneration, failedGeneration } from './finished-generation.ts';
import type { ModelAnswer, ModelRequest } from './model.ts';
import type { Generated, GenerateOne, GenerateOneDeps } from './one-generation.ts';
import { DEFAULT_RETRY_POLICY, nextDelayMs, type RetryPolicy } from './retry-policy.ts';

/**
 * One output: asks the model until it answers with a finish reason, the error is final, or tries or time are used up.
 * A field that the server refuses by name is left out and the request sent again at once, beside the counted tries;
 * with `strictSampling` that ends it instead.
 * Resolves with a `completed` or `failed` generation; throws only the reason of an aborted `signal`.
 */
export const generateOne = async (one: GenerateOne): Promise<Generated> => {
  const { setting, deps, signal } = one;
  const { clock, server, policy = DEFAULT_RETRY_POLICY } = deps;
  const startedAt = clock.monotonic();
  const endsAt =
    startedAt + Math.min(policy.totalMs, (one.deadlineAt ?? Number.POSITIVE_INFINITY) - clock.now());
  const attempts: FailedAttempt[] = [];
  let failures = 0;

  for (;;) {
    signal.throwIfAborted();
    const { body, includeUsage, sampling, notApplied } = upstreamBody(setting, server);
    const triedAt = clock.monotonic();
    if (one.strictSampling && notApplied.length > 0) {
      const error = notAppliedError(notAppliedIssues(notApplied));
      return failedGeneration(one, { error, sampling, attempts, triedAt });
    }
    if (attempts.length > 0) one.onRestart?.(attempts.length + 1);
    try {
      const answer = await attempt(
        one,
        { body, ...(includeUsage ? {} : { includeUsage }) },
        policy,
        endsAt - triedAt,
      );
      return completedGeneration(one, { answer, sampling, attempts });
    } catch (error) {
      signal.throwIfAborted();
      const failed = failedAttempt(error, clock.monotonic() - triedAt);
      attempts.push(failed);
      if (leaveOutRefused(error, setting.model, body, server)) continue;
      failures++;
      const delayMs = nextDelayMs(
        error,
        { failures, remainingMs: endsAt - clock.monotonic() },
        policy,
        deps.random,
      );
      if (delayMs === null) {
        return { ...failedGeneration(one, { error, sampling, attempts, triedAt }), ...throttledBy(error) };
      }
      failed.waited_ms = delayMs;
      await sleepOrAbort(delayMs, deps, signal);
    }
  }
};

const throttledBy = (error: unknown): Pick<Generated, 'throttled'> =>
  error instanceof UpstreamError && error.code === 'rate_limited'
    ? { throttled: { retryAfterMs: error.retryAfterMs } }
    : {};

const attempt = (
  { setting, messages, deps, signal, onChunk }: GenerateOne,
  sent: Pick<ModelRequest, 'body' | 'includeUsage'>,
  { firstTokenMs, idleMs, totalMs }: RetryPolicy,
  remainingMs: number,
): Promise<ModelAnswer> =>
  deps.model.stream(
    {
      model: setting.model,
      messages,
      ...sent,
      ...(hasContinuousUsage(kindOf(deps.server, setting.model)) ? { continuousUsage: true } : {}),
    },
    {
      deadlines: { firstTokenMs, idleMs, totalMs: Math.max(0, Math.min(totalMs, remainingMs)) },
      signal,
      ...(onChunk === undefined ? {} : { onChunk }),
    },
  );

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

/** Whether the server refused a field that can be left out (the token limit: renamed) and has not been told before. */
const leaveOutRefused = (
  error: unknown,
  model: string,
  body: Record<string, unknown>,
  server: Server,
): boolean => {
  const field = refusedFieldOf(error);
  if (field === undefined || !(Object.hasOwn(body, field) || field === 'stream_options')) return false;
  if (isLimit(field) && [...(server.refused.get(model) ?? [])].some(isLimit)) return false;
  rememberRefusal(server, model, field);
  return true;
};

const sleepOrAbort = async (ms: number, { sleep }: GenerateOneDeps, signal: AbortSignal): Promise<void> => {
  try {
    await sleep(ms, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
};
