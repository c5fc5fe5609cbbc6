import { backoffMs, type Random } from '../async/clock.ts';
import { isRetryable, UpstreamError } from '../errors.ts';
import type { Deadlines } from './model.ts';

/**
 * Limits and backoff of one generation, in ms. `attempts` includes the first. The deadlines count from an attempt's
 * t0; `totalMs` also bounds all attempts and waits together.
 */
export type RetryPolicy = Deadlines & {
  attempts: number;
  baseDelayMs: number;
  maxDelayMs: number;
  /** The longest wait in place; a longer Retry-After or backoff ends the retries. */
  longestWaitMs: number;
};

export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  attempts: 4,
  firstTokenMs: 60_000,
  idleMs: 30_000,
  totalMs: 300_000,
  baseDelayMs: 500,
  maxDelayMs: 20_000,
  longestWaitMs: 300_000,
};

/** For background runs: they spend a long wait in the queue, not in a worker. */
export const JOB_RETRY_POLICY: RetryPolicy = { ...DEFAULT_RETRY_POLICY, longestWaitMs: 20_000 };

/** How long after its acceptance a throttled run is put back into the queue; after that it fails. */
export const PATIENCE_MS = 24 * 60 * 60_000;
const PUT_BACK_BASE_MS = 30_000;
const PUT_BACK_MAX_MS = 15 * 60_000; // the longest delay of an SQS message

/** The delay of a throttled run in the queue, in ms: the longer of Retry-After and our backoff, at most 15 minutes. */
export const putBackMs = (putBacks: number, retryAfterMs: number | undefined, random: Random): number =>
  Math.min(
    PUT_BACK_MAX_MS,
    Math.max(
      retryAfterMs ?? 0,
      backoffMs(putBacks + 1, { baseDelayMs: PUT_BACK_BASE_MS, maxDelayMs: PUT_BACK_MAX_MS }, random),
    ),
  );

/**
 * The wait before the next attempt, in ms: the server's Retry-After if it sent one, else our backoff. Null when there
 * is no next attempt: the error is permanent, the attempts are used up, the wait is longer than `longestWaitMs`, or
 * the deadline would pass first.
 *
 * @example
 * nextDelayMs(error, { failures: 1, remainingMs: 60_000 }, DEFAULT_RETRY_POLICY, Math.random) // 250 to 500, or null
 */
export const nextDelayMs = (
  error: unknown,
  { failures, remainingMs }: { failures: number; remainingMs: number },
  policy: RetryPolicy,
  random: Random,
): number | null => {
  if (!isRetryable(error) || failures >= policy.attempts) return null;
  const retryAfterMs = error instanceof UpstreamError ? error.retryAfterMs : undefined;
  const delay = retryAfterMs ?? backoffMs(failures, policy, random);
  return delay < remainingMs && delay <= policy.longestWaitMs ? delay : null;
};
