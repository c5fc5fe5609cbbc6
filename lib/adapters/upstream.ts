import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../async/clock.ts';
import { isRetryable, UpstreamError } from '../errors.ts';

/** Tries in all; the back-off between them; the time for all tries together; in ms. */
export type RetryLimits = {
  attempts: number;
  baseDelayMs: number;
  maxDelayMs: number;
  deadlineMs: number;
};

export const RETRY_LIMITS: RetryLimits = {
  attempts: 5,
  baseDelayMs: 250,
  maxDelayMs: 10_000,
  deadlineMs: 60_000,
};

/**
 * Runs `attempt` until it succeeds, fails for good (`retryable` false), or the limits are reached; then throws its
 * last error. The service's own Retry-After goes before our back-off. The signal given to `attempt` ends with the
 * caller's or the deadline.
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
      const asked = error instanceof UpstreamError ? error.retryAfterMs : undefined;
      const pause = asked ?? backoffMs(tried, limits, Math.random);
      const late = performance.now() + pause >= end;
      if (!isRetryable(error) || tried >= limits.attempts || signal.aborted || late) throw error;
      await sleep(pause, undefined, { signal }).catch(() => {
        throw error;
      });
    }
  }
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

const MOST_CHARS = 300;
/** A run this long that also stands in a prompt is a quotation, not chance. */
const QUOTED_CHARS = 16;

/**
 * What a server said, cut to 300 characters, with everything it quotes from the prompts put as "…": error messages
 * are logged and stored, prompts are not.
 */
export const withoutPrompt = (message: string, prompts: readonly string[]): string => {
  const shown = message.slice(0, MOST_CHARS).toWellFormed();
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
  return message.length > MOST_CHARS ? `${kept}…` : kept;
};
