import type { Clock } from '../async/clock.ts';
import type { MarkUsage } from '../runs/ports.ts';
import { closingOf, hourOf, MINUTE_MS } from './periods.ts';
import type { UsageStore } from './ports.ts';

/** How long marks of a closed hour are gathered before it is summed again. */
export const AGAIN_MS = 5 * MINUTE_MS;
/** By how much the clocks of two processes may differ. */
const SKEW_MS = MINUTE_MS;
const MOST_KNOWN = 10_000;

/**
 * Makes sure that the hour of a run is summed later than now. Called after an entry of the list was written, so the sum
 * has read that entry, and no ended run is missed:
 * - If the store is asked, the hour is due afterwards, and a sum that has begun cannot take it out of due, because it
 *   finds a mark that it did not know.
 * - If the hour is known to be due at a later time, no sum begins before that time. A due time only changes by a sum,
 *   which takes it away or puts it off.
 * A process that dies in between repeats both, since the run itself is not at rest yet.
 *
 * One write a process, caller and hour is the usual cost, and one in five minutes for hours that are closed.
 */
export const makeMarkUsage = ({
  totals,
  clock,
}: {
  totals: Pick<UsageStore, 'mark'>;
  clock: Pick<Clock, 'now'>;
}): MarkUsage => {
  const known = new Map<string, number>();
  return async (run) => {
    const hour = hourOf(run);
    const key = `${hour.caller} ${hour.name}`;
    const now = clock.now();
    if (now < (known.get(key) ?? 0) - SKEW_MS) return;
    const dueAt = await totals.mark(hour, Math.max(closingOf(hour), now + AGAIN_MS));
    known.delete(key);
    known.set(key, dueAt);
    for (const oldest of known.keys()) {
      if (known.size <= MOST_KNOWN) break;
      known.delete(oldest);
    }
  };
};
