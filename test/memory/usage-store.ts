import type { Period, Totals, UsageStore } from '../../lib/usage/ports.ts';
import { copyOf } from './copy.ts';
import type { DueEntry } from './due-index.ts';

type MemoryUsageStore = UsageStore & { periods: Map<string, Totals>; dueEntries: () => DueEntry[] };

/** Sums of periods in a map; a read returns a copy, a write is atomic. */
export const makeMemoryUsageStore = (): MemoryUsageStore => {
  const periods = new Map<string, Totals>();
  const keyOf = ({ caller, kind, name }: Period) => `${caller} ${kind}#${name}`;
  const newTotals = (period: Period): Totals => ({
    period: { ...period },
    keys: [],
    shapes: [],
    version: 0,
    marks: 0,
    dueAt: null,
  });
  return {
    periods,
    dueEntries: () =>
      [...periods.values()].map(({ period: { caller, kind, name }, dueAt }) => ({
        pk: `USAGE#${caller}`,
        sk: `${kind}#${name}`,
        dueAt,
      })),
    mark: async (period, dueAt) => {
      const earlier = periods.get(keyOf(period)) ?? newTotals(period);
      const marked = { ...earlier, marks: earlier.marks + 1, dueAt: earlier.dueAt ?? dueAt };
      periods.set(keyOf(period), marked);
      return marked.dueAt;
    },
    get: async (period) => copyOf(periods.get(keyOf(period))),
    range: async function* (caller, kind, from, until) {
      const found = [...periods.values()]
        .filter(({ period }) => period.caller === caller && period.kind === kind)
        .filter(({ period: { name } }) => name >= from && name < until)
        .sort((a, b) => (a.period.name < b.period.name ? -1 : 1));
      for (const totals of found) yield copyOf(totals);
    },
    put: async (period, { keys, shapes, under }, { version, marks }, again) => {
      const earlier = periods.get(keyOf(period)) ?? newTotals(period);
      if (earlier.version !== version) return false;
      const isMarked = earlier.marks !== marks;
      const dueAt = again === undefined ? earlier.dueAt : isMarked ? again : null;
      const { under: _, ...kept } = earlier;
      const sums = copyOf({ keys, shapes, ...(under && { under }) });
      periods.set(keyOf(period), { ...kept, ...sums, version: version + 1, dueAt });
      return true;
    },
    postpone: async (period, read, to) => {
      const earlier = periods.get(keyOf(period));
      if (earlier?.dueAt === read) periods.set(keyOf(period), { ...earlier, dueAt: to });
    },
  };
};
