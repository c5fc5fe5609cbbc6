/** Tokens that one frame adds at most, so that a fast replay of a long output never blocks the page. */
export const MOST_A_FRAME = 250;

/**
 * The clock of a replay: where it was at an instant, and how fast it goes from there. Its place is always computed from
 * the present time, never summed up from frames, so that late frames do not delay it.
 */
export type ReplayClock = {
  /** Its place in ms of the trace, at `since` or while it stands. */
  at: number;
  /** When it began to run, by the page's monotonic clock; undefined while it stands. */
  since: number | undefined;
  /** Of the trace's time; Infinity for as fast as the page can. */
  speed: number;
};

export const SPEEDS = [1, 4, Number.POSITIVE_INFINITY] as const;

/** Where the clock is, at most at the end. */
export const placeOf = ({ at, since, speed }: ReplayClock, now: number, end: number): number =>
  since === undefined || now <= since ? Math.min(at, end) : Math.min(end, at + (now - since) * speed);

/** The same place, running or standing, at another speed, or from another place. */
export const changedClock = (
  clock: ReplayClock,
  change: { isRunning?: boolean; speed?: number; at?: number },
  now: number,
  end: number,
): ReplayClock => {
  const isRunning = change.isRunning ?? clock.since !== undefined;
  return {
    at: change.at ?? placeOf(clock, now, end),
    since: isRunning ? now : undefined,
    speed: change.speed ?? clock.speed,
  };
};

/** How many of the tokens, which stand in the order of their arrival, have arrived by a time. */
export const arrivedBy = (tokens: readonly { t_ms: number }[], ms: number): number => {
  let [low, high] = [0, tokens.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.t_ms ?? 0) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** How many tokens the next frame shows. */
export const nextCount = (tokens: readonly { t_ms: number }[], shown: number, ms: number): number =>
  Math.min(arrivedBy(tokens, ms), shown + MOST_A_FRAME);
