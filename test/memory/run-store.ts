import type { RunCondition, RunStore } from '../../lib/runs/ports.ts';
import type { Run } from '../../lib/runs/run.ts';
import { copyOf } from './copy.ts';
import type { DueEntry } from './due-index.ts';

type MemoryRunStore = RunStore & {
  runs: Map<string, Run>;
  /** The time from which each run may expire, epoch ms; none does. */
  expiries: Map<string, number>;
  dueEntries: () => DueEntry[];
};

/** Run items in a map; a read returns a copy, a write is atomic. */
export const makeMemoryRunStore = (): MemoryRunStore => {
  const runs = new Map<string, Run>();
  const expiries = new Map<string, number>();
  return {
    runs,
    expiries,
    dueEntries: () => [...runs.values()].map(({ id, dueAt }) => ({ pk: `RUN#${id}`, sk: 'RUN', dueAt })),
    create: async (run) => {
      if (runs.has(run.id)) return false;
      runs.set(run.id, copyOf(run));
      return true;
    },
    get: async (id) => copyOf(runs.get(id)),
    change: async (id, { expiresAt, ...change }, condition) => {
      const run = runs.get(id);
      if (!run || !holds(run, condition)) return undefined;
      if (expiresAt !== undefined) expiries.set(id, expiresAt);
      const changed = { ...run, ...copyOf(change) };
      runs.set(id, changed);
      return copyOf(changed);
    },
  };
};

const holds = (run: Run, { status, leaseToken, leaseBefore, dueAt, pending }: RunCondition): boolean =>
  (status === undefined || status.includes(run.status)) &&
  (leaseToken === undefined || run.lease?.token === leaseToken) &&
  (leaseBefore === undefined || run.lease === null || run.lease.until < leaseBefore) &&
  (dueAt === undefined || run.dueAt === dueAt) &&
  (pending === undefined ||
    (pending.length === run.pending.length && pending.every((type, at) => type === run.pending[at])));
