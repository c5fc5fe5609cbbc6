import { setTimeout as sleep } from 'node:timers/promises';
import { isRetryable, UpstreamError } from '../errors.ts';

/** Tries in all; the first pause and the longest, doubling between; the time for all tries together; in ms. */
export type RetryLimits = {
  attempts: number;
  firstPauseMs: number;
  longestPauseMs: number;
  deadlineMs: number;
};

export const RETRY_LIMITS: RetryLimits = {
  attempts: 5,
  firstPauseMs: 250,
  longestPauseMs: 10_000,
  deadlineMs: 60_000,
};

/**
 * Runs `attempt` until it succeeds, fails for good (`retryable` false), or the limits are reached; then throws its
 * last error. The service's own Retry-After wins over the pause; otherwise a random half of it is taken off, so
 * that many workers do not come back together. The signal given to `attempt` ends with the caller's or the deadline.
 */
export const retryUpstream = async <T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  limits: RetryLimits,
  outer?: AbortSignal,
): Promise<T> => {
  const end = performance.now() + limits.deadlineMs;
  const deadline = AbortSignal.timeout(limits.deadlineMs);
  const signal = outer ? AbortSignal.any([outer, deadline]) : deadline;
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt(signal);
    } catch (error) {
      const pause = pauseOf(error, tried, limits);
      const late = performance.now() + pause >= end;
      if (!isRetryable(error) || tried >= limits.attempts || signal.aborted || late) throw error;
      await sleep(pause, undefined, { signal }).catch(() => {
        throw error;
      });
    }
  }
};

const pauseOf = (error: unknown, tried: number, { firstPauseMs, longestPauseMs }: RetryLimits): number => {
  if (error instanceof UpstreamError && error.retryAfterMs !== undefined) return error.retryAfterMs;
  const full = Math.min(longestPauseMs, firstPauseMs * 2 ** (tried - 1));
  return full * (0.5 + Math.random() / 2);
};

/** What a response asks to be waited, in ms: `retry-after-ms`, or `retry-after` in seconds or as a date. */
export const retryAfterMs = (headers: Pick<Headers, 'get'> | undefined, now: number): number | undefined => {
  const exact = headers?.get('retry-after-ms');
  if (exact && Number(exact) >= 0) return Number(exact);
  const value = headers?.get('retry-after');
  if (!value) return undefined;
  const ms = Number.isNaN(Number(value)) ? Date.parse(value) - now : Number(value) * 1_000;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
};
