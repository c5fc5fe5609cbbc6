import { setImmediate, setTimeout } from 'node:timers/promises';

/** The time in ms on CLOCK_MONOTONIC, which all processes of a machine share. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Timers fire up to a millisecond late, so the last stretch is waited for in turns of the event loop. */
const LAST_STRETCH_MS = 1.5;

/** Sleeps until `dueMs` on the monotonic clock, without blocking the event loop; rejects with the signal's reason. */
export const sleepUntil = async (dueMs: number, signal: AbortSignal): Promise<void> => {
  for (let left = dueMs - monotonicMs(); left > 0; left = dueMs - monotonicMs()) {
    if (left > LAST_STRETCH_MS + 1)
      await setTimeout(Math.floor(left - LAST_STRETCH_MS), undefined, { signal });
    else await setImmediate(undefined, { signal });
  }
  signal.throwIfAborted();
};

/** The simulated time to the first token: that of writing so many tokens. */
const READING_TOKENS = 10;

/** The earliest time of the first token: ten tokens' time after arrival. `pace` is in tokens per second, above 0. */
export const firstDue = (arrivalMs: number, pace: number): number =>
  arrivalMs + (READING_TOKENS * 1000) / pace;

/** The due time of each token after the first, which was written at `firstMs`: one per 1 / pace seconds, no drift. */
export const scheduleFrom = (firstMs: number, pace: number): ((token: number) => number) => {
  const interval = 1000 / pace;
  return (token) => firstMs + token * interval;
};

/**
 * Makes a function that waits until a token is due, counted from 0; call it once the token is ready to be written. The
 * schedule starts when the first token is written, so a late first token causes no burst after it. With `pace` 0 it
 * waits one turn of the event loop, so that other requests progress.
 */
export const makePacer = (arrivalMs: number, pace: number, signal: AbortSignal) => {
  if (pace === 0) return () => setImmediate(undefined, { signal });
  let due: ((token: number) => number) | undefined;
  return async (token: number): Promise<void> => {
    await sleepUntil(due?.(token) ?? firstDue(arrivalMs, pace), signal);
    due ??= scheduleFrom(monotonicMs(), pace);
  };
};
