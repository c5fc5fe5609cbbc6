import { InvalidInputError } from '../../lib/errors.ts';
import { own } from '../../lib/json/value.ts';
import { isRunId } from '../../lib/runs/keys.ts';
import type { ListQuery, RunCondition, RunStore } from '../../lib/runs/ports.ts';
import type { Run } from '../../lib/runs/run.ts';
import type { DueEntry } from './due-index.ts';

type MemoryRunStore = RunStore & {
  runs: Map<string, Run>;
  /** The time from which each run may expire, epoch ms; none does. */
  expiries: Map<string, number>;
  dueEntries: () => DueEntry[];
};

/** Runs that one call of `list` reads, as the port says. */
const MAX_READ = 1_000;

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
      runs.set(run.id, structuredClone(run));
      return true;
    },
    get: async (id) => structuredClone(runs.get(id)),
    change: async (id, { expiresAt, ...change }, condition) => {
      const run = runs.get(id);
      if (!run || !holds(run, condition)) return undefined;
      if (expiresAt !== undefined) expiries.set(id, expiresAt);
      const changed = { ...run, ...structuredClone(change) };
      runs.set(id, changed);
      return structuredClone(changed);
    },
    list: async (query) => {
      const after = query.cursor === undefined ? undefined : sortKeyOf(query, query.cursor);
      const read = [...runs.values()]
        .filter((run) => isWithin(run, query))
        .map((run) => ({ key: `${run.createdAt}#${run.id}`, run }))
        .sort((a, b) => (a.key < b.key ? 1 : -1))
        .filter(({ key }) => after === undefined || key < after);
      const found = read.slice(0, MAX_READ).filter(({ run }) => passes(run, query));
      const lastRead = read.length > MAX_READ ? read[MAX_READ - 1] : undefined;
      const last = found.length > query.limit ? found[query.limit - 1] : lastRead;
      return {
        runs: structuredClone(found.slice(0, query.limit).map(({ run }) => run)),
        nextCursor: last ? Buffer.from(last.key).toString('base64url') : null,
      };
    },
  };
};

const sortKeyOf = ({ since = '', until = '~' }: ListQuery, cursor: string): string => {
  const key = Buffer.from(cursor, 'base64url').toString();
  const [createdAt = '', id = ''] = key.split('#');
  if (!/^\d{4}-.*Z$/.test(createdAt) || !isRunId(id) || createdAt < since || createdAt >= until) {
    throw new InvalidInputError([{ path: 'cursor', message: 'is not one that a list gave out' }]);
  }
  return key;
};

const holds = (run: Run, { status, leaseToken, leaseBefore, dueAt, pending }: RunCondition): boolean =>
  (status === undefined || status.includes(run.status)) &&
  (leaseToken === undefined || run.lease?.token === leaseToken) &&
  (leaseBefore === undefined || run.lease === null || run.lease.until < leaseBefore) &&
  (dueAt === undefined || run.dueAt === dueAt) &&
  (pending === undefined ||
    (pending.length === run.pending.length && pending.every((type, at) => type === run.pending[at])));

const isWithin = (run: Run, query: ListQuery): boolean =>
  run.caller === query.caller &&
  (query.since === undefined || run.createdAt >= query.since) &&
  (query.until === undefined || run.createdAt < query.until);

const passes = (run: Run, query: ListQuery): boolean =>
  (query.status ? run.status === query.status : query.includesDeleted || run.status !== 'deleted') &&
  (query.model === undefined || run.model === query.model) &&
  (query.label === undefined || run.labels.includes(query.label)) &&
  (query.file === undefined || run.file?.fileId === query.file) &&
  Object.entries(query.metadata ?? {}).every(([key, value]) => own(run.metadata, key) === value);
