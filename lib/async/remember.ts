const REMEMBER_MS = 60_000;
const MAX_REMEMBERED = 1_000;

/**
 * Caches the results of `find` for a minute, `undefined` included, up to 1,000 keys; errors are not cached. `now` is
 * epoch ms.
 *
 * @example
 * const findBudget = remember(budgets.get, clock.now);
 */
export const remember = <Found>(
  find: (key: string) => Promise<Found>,
  now: () => number,
): ((key: string) => Promise<Found>) => {
  const known = new Map<string, { found: Found; until: number }>();
  return async (key) => {
    const earlier = known.get(key);
    if (earlier && earlier.until > now()) return earlier.found;
    const found = await find(key);
    known.delete(key);
    known.set(key, { found, until: now() + REMEMBER_MS });
    const oldest = known.keys().next().value;
    if (known.size > MAX_REMEMBERED && oldest !== undefined) known.delete(oldest);
    return found;
  };
};
