import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../async/clock.ts';
import { isRetryable, UpstreamError } from '../errors.ts';

/** Limits of a retry loop. */
export type RetryLimits = {
  /** All attempts, the first included. */
  attempts: number;
  /** Backoff before the first retry; it doubles with each retry, up to `maxDelayMs`. */
  baseDelayMs: number;
  maxDelayMs: number;
  /** For all attempts and pauses together. */
  deadlineMs: number;
};

export const RETRY_LIMITS: RetryLimits = {
  attempts: 5,
  baseDelayMs: 250,
  maxDelayMs: 10_000,
  deadlineMs: 60_000,
};

/**
 * Runs `attempt` until it succeeds, throws an error that is not retryable, or reaches the limits. A Retry-After from
 * the service replaces our backoff. The signal passed to `attempt` aborts at the deadline, or when `outer` aborts.
 *
 * @throws The last error of `attempt`, unchanged.
 *
 * @example
 * const page = await retryUpstream((signal) => fetchPage(url, signal), RETRY_LIMITS);
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
      const retryAfter = error instanceof UpstreamError ? error.retryAfterMs : undefined;
      const pause = retryAfter ?? backoffMs(tried, limits, Math.random);
      const late = performance.now() + pause >= end;
      if (!isRetryable(error) || tried >= limits.attempts || signal.aborted || late) throw error;
      await sleep(pause, undefined, { signal }).catch(() => {
        throw error;
      });
    }
  }
};

/**
 * The delay that a response requests before a retry, in ms: from `retry-after-ms`, else from `retry-after`, in seconds
 * or as an HTTP date (https://www.rfc-editor.org/rfc/rfc9110#field.retry-after). `undefined` without a valid header.
 */
export const retryAfterMs = (headers: Pick<Headers, 'get'> | undefined, now: number): number | undefined => {
  const exact = headers?.get('retry-after-ms');
  if (exact && Number(exact) >= 0) return Number(exact);
  const value = headers?.get('retry-after');
  if (!value) return undefined;
  const ms = Number.isNaN(Number(value)) ? Date.parse(value) - now : Number(value) * 1_000;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
};

const MAX_CHARS = 300;
/** A substring this long that also occurs in a prompt is taken for a quotation, not for chance. */
const QUOTED_CHARS = 16;

/**
 * A server's error message, cut to 300 characters, with every quotation from the prompts replaced by "…". Error
 * messages are logged and stored; prompts must not be.
 */
export const withoutPrompt = (message: string, prompts: readonly string[]): string => {
  const shown = message.slice(0, MAX_CHARS).toWellFormed();
  const hidden = new Uint8Array(shown.length);
  for (let at = 0; at + QUOTED_CHARS <= shown.length; at++) {
    const piece = shown.slice(at, at + QUOTED_CHARS);
    if (prompts.some((prompt) => prompt.includes(piece))) hidden.fill(1, at, at + QUOTED_CHARS);
  }
  for (const prompt of prompts) {
    if (prompt.length < 4 || prompt.length >= QUOTED_CHARS) continue;
    for (let at = shown.indexOf(prompt); at >= 0; at = shown.indexOf(prompt, at + 1)) {
      hidden.fill(1, at, at + prompt.length);
    }
  }
  let kept = '';
  for (let at = 0; at < shown.length; at++) {
    if (hidden[at] === 0) kept += shown[at];
    else if (hidden[at - 1] !== 1) kept += '…';
  }
  return message.length > MAX_CHARS ? `${kept}…` : kept;
};
