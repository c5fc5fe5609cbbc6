import { ageMs, type Clock, type Instant, instantOf } from './clock.ts';

/** Calls `load` at the first call only: every call gets the same promise, whether it resolves or rejects. */
export const once = <Loaded>(load: () => Promise<Loaded>): (() => Promise<Loaded>) => {
  let loading: Promise<Loaded> | undefined;
  return () => {
    loading ??= load();
    return loading;
  };
};

const REMEMBER_MS = 60_000;
const MAX_REMEMBERED = 1_000;

/**
 * Caches the results of `find` for a minute, `undefined` included, up to 1,000 keys; errors are not cached. The minute
 * begins before `find` does, and a clock that is set back does not stretch it.
 *
 * @example
 * const findBudget = remember(budgets.get, clock);
 */
export const remember = <Found>(
  find: (key: string) => Promise<Found>,
  clock: Clock,
): ((key: string) => Promise<Found>) => {
  const known = new Map<string, { found: Found; at: Instant }>();
  return async (key) => {
    const earlier = known.get(key);
    if (earlier && ageMs(earlier.at, clock) < REMEMBER_MS) return earlier.found;
    const at = instantOf(clock);
    const found = await find(key);
    known.delete(key);
    known.set(key, { found, at });
    const oldest = known.keys().next().value;
    if (known.size > MAX_REMEMBERED && oldest !== undefined) known.delete(oldest);
    return found;
  };
};
