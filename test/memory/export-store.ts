import type { ExportCondition, ExportJob, ExportStore } from '../../lib/export/job.ts';
import { cursorOf, readCursor } from '../../lib/runs/list/cursor.ts';
import { copyOf } from './copy.ts';
import type { DueEntry } from './due-index.ts';

type MemoryExportStore = ExportStore & { exports: Map<string, ExportJob>; dueEntries: () => DueEntry[] };

/** Records of exports in a map; a read returns a copy, a write is atomic. */
export const makeMemoryExportStore = (): MemoryExportStore => {
  const exports = new Map<string, ExportJob>();
  return {
    exports,
    dueEntries: () =>
      [...exports.values()].map(({ id, dueAt }) => ({ pk: `EXPORT#${id}`, sk: 'EXPORT', dueAt })),
    create: async (job) => {
      if (exports.has(job.id)) return false;
      exports.set(job.id, copyOf(job));
      return true;
    },
    get: async (id) => copyOf(exports.get(id)),
    change: async (id, change, condition) => {
      const job = exports.get(id);
      if (!job || !holds(job, condition)) return undefined;
      const changed = { ...job, ...copyOf(change) };
      exports.set(id, changed);
      return copyOf(changed);
    },
    list: async ({ caller, limit, cursor }) => {
      const placeOf = ({ createdAt, id }: ExportJob) => `${createdAt}#${id}`;
      const after = cursor && readCursor(cursor, (_, id) => id.startsWith('export_')).position;
      const found = [...exports.values()]
        .filter((job) => job.caller === caller && job.status !== 'deleted')
        .filter((job) => !after || placeOf(job) < after)
        .sort((a, b) => (placeOf(a) < placeOf(b) ? 1 : -1));
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      return { exports: copyOf(page), nextCursor: last ? cursorOf(placeOf(last)) : null };
    },
  };
};

const holds = (job: ExportJob, { status, leaseToken, leaseBefore, dueAt }: ExportCondition): boolean =>
  (status === undefined || status.includes(job.status)) &&
  (leaseToken === undefined || job.lease?.token === leaseToken) &&
  (leaseBefore === undefined || job.lease === null || job.lease.until < leaseBefore) &&
  (dueAt === undefined || job.dueAt === dueAt);
