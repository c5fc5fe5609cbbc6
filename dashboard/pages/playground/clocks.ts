/** Instants of one stream: on the page's monotonic clock in ms, and in ms after t0 on the function's. */
export type Instants = {
  /** When the page sent the request. */
  asked_ms: number;
  /** Events with the instant at which the function handed them on, and at which they arrived here. */
  events: readonly { sent_ms: number; arrived_ms: number }[];
  /** t0 by the function's wall clock, placed on the page's clock by the page's wall clock. */
  wall_t0_ms: number | undefined;
};

/** t0 on the page's clock, with the bounds that it is sure to lie within. */
export type Aligned = { t0_ms: number; low_ms: number; high_ms: number; by: 'wall clock' | 'middle' };

/**
 * Places t0 on the page's clock. The request left before t0, and every event arrived after it was sent, so t0 lies between
 * the instant of the request and the earliest `arrived - sent`. Where the wall clocks put it into these bounds they are
 * believed, else it is taken to be in the middle. Undefined without an event.
 */
export const alignClocks = ({ asked_ms, events, wall_t0_ms }: Instants): Aligned | undefined => {
  if (events.length === 0) return undefined;
  const high_ms = events.reduce(
    (least, { sent_ms, arrived_ms }) => Math.min(least, arrived_ms - sent_ms),
    Number.POSITIVE_INFINITY,
  );
  const low_ms = Math.min(asked_ms, high_ms);
  return wall_t0_ms !== undefined && wall_t0_ms >= low_ms && wall_t0_ms <= high_ms
    ? { t0_ms: wall_t0_ms, low_ms, high_ms, by: 'wall clock' }
    : { t0_ms: (low_ms + high_ms) / 2, low_ms, high_ms, by: 'middle' };
};

/** The three points of a token in ms after t0, and how far the last one can be wrong on either side. */
export type Points = {
  function_ms: number;
  gateway_ms: number;
  page_ms: number;
  early_ms: number;
  late_ms: number;
};

export const pointsOf = (
  { t_ms, sent_ms, arrived_ms }: { t_ms: number; sent_ms: number; arrived_ms: number },
  { t0_ms, low_ms, high_ms }: Aligned,
): Points => ({
  function_ms: t_ms,
  gateway_ms: sent_ms,
  page_ms: arrived_ms - t0_ms,
  early_ms: high_ms - t0_ms,
  late_ms: t0_ms - low_ms,
});
