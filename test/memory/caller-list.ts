import type { CallerList, KeyCounts } from '../../lib/keys/api-key.ts';

/** Callers in a map. */
export const makeMemoryCallerList = (): CallerList => {
  const callers = new Map<string, KeyCounts | null>();
  return {
    enter: async (caller) => void callers.set(caller, callers.get(caller) ?? null),
    noteKeys: async (caller, keys) => void callers.set(caller, keys),
    all: async () =>
      [...callers]
        .map(([caller, keys]) => ({ caller, keys: keys && { ...keys } }))
        .sort((a, b) => (a.caller < b.caller ? -1 : 1)),
  };
};
