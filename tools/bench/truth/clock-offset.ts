import { monotonicMs } from '../../../local/openai/pace.ts';

/**
 * How far a clock reads ahead of CLOCK_MONOTONIC, in ms: read between two looks at the latter, the closest pair of
 * many. Whatever a client's own clock counts from, its instants can so be held against the server's.
 */
export const clockOffsetMs = (clock: { monotonic(): number }): number => {
  let closest = Number.POSITIVE_INFINITY;
  let offset = 0;
  for (let tries = 0; tries < 200; tries++) {
    const before = monotonicMs();
    const reading = clock.monotonic();
    const after = monotonicMs();
    if (after - before >= closest) continue;
    closest = after - before;
    offset = reading - (before + after) / 2;
  }
  return offset;
};
