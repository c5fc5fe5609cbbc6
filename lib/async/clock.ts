/** The clock port. `now`: epoch ms; `monotonic`: ms that never decrease. */
export type Clock = { now(): number; monotonic(): number };

/** An instant on both clocks. */
export type Instant = { now: number; monotonic: number };

export const instantOf = (clock: Clock): Instant => ({ now: clock.now(), monotonic: clock.monotonic() });

/**
 * Ms since an instant, for what must not outlive its time, such as a cached key. The larger of what the two clocks say:
 * the wall clock may be set back, and the monotonic one may stand still while the machine is suspended, as Lambda's are
 * between invocations. Infinity when the wall clock is before the instant.
 */
export const ageMs = ({ now, monotonic }: Instant, clock: Clock): number => {
  const byWallClock = clock.now() - now;
  return byWallClock < 0 ? Number.POSITIVE_INFINITY : Math.max(byWallClock, clock.monotonic() - monotonic);
};

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
