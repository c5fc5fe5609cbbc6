/** The clock port. `now`: epoch ms; `monotonic`: ms that never decrease. */
export type Clock = { now(): number; monotonic(): number };

/** The port of randomness: a fraction in [0, 1). */
export type Random = () => number;

/**
 * Exponential backoff after `failures` failed attempts, in ms: baseDelayMs x 2^(failures - 1), at most maxDelayMs.
 * Jitter takes off up to half of it, so that clients that failed together do not retry together.
 */
export const backoffMs = (
  failures: number,
  { baseDelayMs, maxDelayMs }: { baseDelayMs: number; maxDelayMs: number },
  random: Random,
): number => Math.min(maxDelayMs, baseDelayMs * 2 ** (failures - 1)) * (1 - random() / 2);
