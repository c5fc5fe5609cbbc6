import { setImmediate, setTimeout } from 'node:timers/promises';

/** CLOCK_MONOTONIC in ms: the same clock in every process of one machine. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Timers fire up to a millisecond late: the last stretch is waited for in turns of the event loop. */
const lastStretchMs = 1.5;

/** Resolves at `dueMs` (monotonic) or just after it; rejects with the signal's reason. Never blocks the event loop. */
export const sleepUntil = async (dueMs: number, signal: AbortSignal): Promise<void> => {
  for (let left = dueMs - monotonicMs(); left > 0; left = dueMs - monotonicMs()) {
    if (left > lastStretchMs + 1) await setTimeout(Math.floor(left - lastStretchMs), undefined, { signal });
    else await setImmediate(undefined, { signal });
  }
  signal.throwIfAborted();
};

/** A prompt is read as long as this many tokens take to write: the simulated time to the first token. */
const readingTokens = 10;

/**
 * When each token is due: an absolute schedule that does not drift. The first is due ten tokens' time after the
 * request came, or when the model was ready if that was later; then one each 1 / pace seconds. `pace` is in tokens a
 * second and above 0.
 */
export const scheduleOf = (arrivalMs: number, readyMs: number, pace: number): ((token: number) => number) => {
  const interval = 1000 / pace;
  const first = Math.max(arrivalMs + readingTokens * interval, readyMs);
  return (token) => first + token * interval;
};

/** Waits for the turn of a token, counted from 0; unpaced, for one turn of the event loop, so that others get theirs. */
export const makePacer = (arrivalMs: number, readyMs: number, pace: number, signal: AbortSignal) => {
  if (pace === 0) return () => setImmediate(undefined, { signal });
  const due = scheduleOf(arrivalMs, readyMs, pace);
  return (token: number) => sleepUntil(due(token), signal);
};
