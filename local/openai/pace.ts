import { setImmediate, setTimeout } from 'node:timers/promises';

/** CLOCK_MONOTONIC in ms: the same clock in every process of one machine. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Timers fire up to a millisecond late: the last stretch is waited for in turns of the event loop. */
const LAST_STRETCH_MS = 1.5;

/** Resolves at `dueMs` (monotonic) or just after it; rejects with the signal's reason. Never blocks the event loop. */
export const sleepUntil = async (dueMs: number, signal: AbortSignal): Promise<void> => {
  for (let left = dueMs - monotonicMs(); left > 0; left = dueMs - monotonicMs()) {
    if (left > LAST_STRETCH_MS + 1)
      await setTimeout(Math.floor(left - LAST_STRETCH_MS), undefined, { signal });
    else await setImmediate(undefined, { signal });
  }
  signal.throwIfAborted();
};

/** A prompt is read as long as this many tokens take to write: the simulated time to the first token. */
const READING_TOKENS = 10;

/** When the first token may be written: ten tokens' time after the request came. `pace` is in tokens a second, above 0. */
export const firstDue = (arrivalMs: number, pace: number): number =>
  arrivalMs + (READING_TOKENS * 1000) / pace;

/** When each token is due once the first was written at `firstMs`: one each 1 / pace seconds, without drift. */
export const scheduleFrom = (firstMs: number, pace: number): ((token: number) => number) => {
  const interval = 1000 / pace;
  return (token) => firstMs + token * interval;
};

/**
 * Waits for the turn of a token, counted from 0 and asked for once the token is there to be written. The schedule
 * begins when the first token can go out, so a late one is not made up for by a burst. Unpaced (`pace` 0), a turn is
 * one of the event loop, so that others get theirs.
 */
export const makePacer = (arrivalMs: number, pace: number, signal: AbortSignal) => {
  if (pace === 0) return () => setImmediate(undefined, { signal });
  let due: ((token: number) => number) | undefined;
  return async (token: number): Promise<void> => {
    await sleepUntil(due?.(token) ?? firstDue(arrivalMs, pace), signal);
    due ??= scheduleFrom(monotonicMs(), pace);
  };
};
