import type { CallerLimits, LimitStore, Load, LoadStore } from '../../lib/limits/ports.ts';

/** Callers' limits and loads in maps; a write is atomic. */
export const makeMemoryLimits = () => {
  const own = new Map<string, CallerLimits>();
  const requests = new Map<string, number>();
  const loads = new Map<string, Load>();
  const turns = new Map<string, number>();
  const loadAt = (caller: string, window: number): Load => {
    const key = `${caller} ${window}`;
    const load = loads.get(key) ?? { direct: 0, jobs: 0, ended: 0, tookMs: 0 };
    loads.set(key, load);
    return load;
  };

  const limits: LimitStore = {
    get: async (caller) => own.get(caller),
    set: async (caller, changed) => {
      if (changed) own.set(caller, changed);
      else own.delete(caller);
    },
  };
  const load: LoadStore = {
    addRequests: async (caller, window, count) => {
      const key = `${caller} ${window}`;
      requests.set(key, (requests.get(key) ?? 0) + count);
      return requests.get(key) ?? 0;
    },
    enter: async (caller, window, door, most, runs = 1) => {
      const at = loadAt(caller, window);
      if (at[door] + runs > most) return undefined;
      at[door] += runs;
      return at[door];
    },
    leave: async (caller, window, door, { runs = 1, tookMs } = {}) => {
      const at = loadAt(caller, window);
      at[door] -= runs;
      if (tookMs === undefined) return;
      at.ended += runs;
      at.tookMs += runs * Math.round(tookMs);
    },
    load: async (caller, window) => ({ ...loadAt(caller, window) }),
    lastTurn: async (caller) => turns.get(caller) ?? 0,
    takeTurn: async (caller, { now, until, gapMs }) => {
      const last = turns.get(caller) ?? 0;
      if (last > until) return undefined;
      const next = Math.max(last, now) + gapMs;
      turns.set(caller, next);
      return next;
    },
  };
  return { limits, load };
};
