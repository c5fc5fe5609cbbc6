import { isRetryable, UpstreamError } from '../errors.ts';
import type { Deadlines } from './model.ts';

/**
 * How often and how long one generation is tried. `attempts` counts all tries; the deadlines are ms from an
 * attempt's t0, and `totalMs` also bounds all attempts and waits together; back-off is ms.
 */
export type RetryPolicy = Deadlines & { attempts: number; baseDelayMs: number; maxDelayMs: number };

export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  attempts: 4,
  firstTokenMs: 60_000,
  idleMs: 30_000,
  totalMs: 300_000,
  baseDelayMs: 500,
  maxDelayMs: 20_000,
};

/** A fraction in [0, 1). */
export type Random = () => number;

/**
 * Back-off before the try after `failures` failed ones, in ms: baseDelayMs x 2^(failures - 1), at most maxDelayMs,
 * of which a random half is taken off, so that callers who failed together do not come back together.
 */
export const backoffMs = (
  failures: number,
  { baseDelayMs, maxDelayMs }: Pick<RetryPolicy, 'baseDelayMs' | 'maxDelayMs'>,
  random: Random,
): number => Math.min(maxDelayMs, baseDelayMs * 2 ** (failures - 1)) * (1 - random() / 2);

/**
 * The wait before the next try in ms, or null when there is none: the error is final, the tries are used up, or the
 * wait would not leave time before the deadline. What the server asks for (Retry-After) goes before our back-off.
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
  return delay < remainingMs ? delay : null;
};
