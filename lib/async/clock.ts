/** Time, ids and randomness, handed in. `now`: epoch ms; `monotonic`: ms, never goes back. */
export type Clock = { now(): number; monotonic(): number };

/** A fraction in [0, 1). */
export type Random = () => number;

/**
 * Back-off before the try after `failures` failed ones, in ms: baseDelayMs x 2^(failures - 1), at most maxDelayMs,
 * of which a random half is taken off, so that callers who failed together do not come back together.
 */
export const backoffMs = (
  failures: number,
  { baseDelayMs, maxDelayMs }: { baseDelayMs: number; maxDelayMs: number },
  random: Random,
): number => Math.min(maxDelayMs, baseDelayMs * 2 ** (failures - 1)) * (1 - random() / 2);
