import type { Clock } from '../async/clock.ts';
import { LimitError, type LimitsOf } from './caller-limits.ts';
import type { LoadStore } from './ports.ts';

/** Requests are counted over this long, so a burst of ten times the limit passes. */
const WINDOW_SECONDS = 10;
const WINDOW_MS = WINDOW_SECONDS * 1000;
/** A process tells the others of its requests in batches of this share of the limit: a write each would be too dear. */
const BATCHES = 50;
const MAX_CALLERS = 1_000;

/** Counts a request of a caller. @throws {LimitError} `too_many_requests` beyond the caller's limit. */
export type CountRequest = (caller: string) => Promise<void>;

/** `known`: the shared count as this process last saw it. `untold`: own requests that it does not include. */
type Count = { window: number; known: number; untold: number };

/**
 * Counts callers' requests in windows of ten seconds. Each process keeps its own count, and adds it to the shared one
 * whenever it has reached a fiftieth of the limit. So a caller far from its limit costs few writes or none, a refused
 * request costs none, and each process can let through that fiftieth too many. Up to 5 requests a second the count
 * is exact.
 */
export const makeCountRequest = ({
  load,
  limitsOf,
  clock,
}: {
  load: Pick<LoadStore, 'addRequests'>;
  limitsOf: LimitsOf;
  clock: Pick<Clock, 'now'>;
}): CountRequest => {
  const counts = new Map<string, Count>();

  const countOf = (caller: string, window: number): Count => {
    const earlier = counts.get(caller);
    if (earlier?.window === window) return earlier;
    if (counts.size >= MAX_CALLERS) counts.clear();
    const count = { window, known: 0, untold: 0 };
    counts.set(caller, count);
    return count;
  };

  return async (caller) => {
    const { requestsPerSecond } = await limitsOf(caller);
    if (requestsPerSecond === null) return;
    const now = clock.now();
    const window = Math.floor(now / WINDOW_MS);
    const most = requestsPerSecond * WINDOW_SECONDS;
    const count = countOf(caller, window);
    const refuse = () => tooMany(requestsPerSecond, (window + 1) * WINDOW_MS - now);
    if (count.known + count.untold >= most) throw refuse();
    count.untold += 1;
    if (count.untold < most / BATCHES) return;
    const told = count.untold;
    count.untold = 0;
    count.known = await load.addRequests(caller, window, told);
    if (count.known > most) throw refuse();
  };
};

const tooMany = (perSecond: number, retryAfterMs: number): LimitError =>
  new LimitError(
    `this caller may send ${perSecond} requests a second, counted over ${WINDOW_SECONDS} s; wait for Retry-After, or have the operator raise the limit`,
    { code: 'too_many_requests', retryAfterMs },
  );
