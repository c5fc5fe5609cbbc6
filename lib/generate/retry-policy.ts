import { backoffMs, type Random } from '../async/clock.ts';
import { isRetryable, UpstreamError } from '../errors.ts';
import type { Deadlines } from './model.ts';

/**
 * How often and how long one generation is tried. `attempts` counts all tries; the deadlines are ms from an
 * attempt's t0, and `totalMs` also bounds all attempts and waits together; back-off is ms.
 */
export type RetryPolicy = Deadlines & {
  attempts: number;
  baseDelayMs: number;
  maxDelayMs: number;
  /** The longest Retry-After that is waited for in place. */
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

/** For runs that nobody waits for: a long wait is spent in the queue, not in a worker. */
export const JOB_RETRY_POLICY: RetryPolicy = { ...DEFAULT_RETRY_POLICY, longestWaitMs: 20_000 };

/** A run that its provider throttles is put back for as long as this after it was accepted; then it fails. */
export const PATIENCE_MS = 24 * 60 * 60_000;
const PUT_BACK_BASE_MS = 30_000;
const PUT_BACK_MAX_MS = 15 * 60_000; // SQS delays a message no longer

/** How long a throttled run stays put back, in ms: what the server asks for goes before our own back-off. */
export const putBackMs = (putBacks: number, retryAfterMs: number | undefined, random: Random): number =>
  Math.min(
    PUT_BACK_MAX_MS,
    Math.max(
      retryAfterMs ?? 0,
      backoffMs(putBacks + 1, { baseDelayMs: PUT_BACK_BASE_MS, maxDelayMs: PUT_BACK_MAX_MS }, random),
    ),
  );

/**
 * The wait before the next try in ms, or null when there is none: the error is final, the tries are used up, or the
 * wait is too long, or would not leave time before the deadline. What the server asks for (Retry-After) goes before our back-off.
 */
export const nextDelayMs = (
  error: unknown,
  { failures, remainingMs }: { failures: number; remainingMs: number },
  policy: RetryPolicy,
  random: Random,
): number | null => {
  if (!isRetryable(error) || failures >= policy.attempts) return null;
  const asked = error instanceof UpstreamError ? error.retryAfterMs : undefined;
  const delay = asked ?? backoffMs(failures, policy, random);
  return delay < remainingMs && delay <= policy.longestWaitMs ? delay : null;
};
