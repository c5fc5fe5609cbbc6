import { own } from '../../json/value.ts';
import { isRunId } from '../keys.ts';
import type { ListedRun, ListQuery, RunList, RunStore } from '../ports.ts';
import { cursorOf, readCursor } from './cursor.ts';
import { listedOf, STAGES, stageOf } from './entry.ts';
import { buriedParts } from './parts.ts';

export type ReadListDeps = {
  list: RunList;
  runs: Pick<RunStore, 'get'>;
};

/** Entries that one page reads. */
const MAX_READ = 1_000;

/**
 * A page of a caller's runs, newest first. Reads at most 1,000 entries, so with a filter that few of them pass a page
 * may be short or empty and still have a cursor, which goes on after the last entry read. A full page may have a cursor
 * to an empty one, too: the search for one more run ends there as well.
 *
 * @throws {InvalidInputError} for a cursor that no list of these times returned.
 */
export const listRuns = async (
  query: ListQuery,
  deps: ReadListDeps,
): Promise<{ runs: ListedRun[]; nextCursor: string | null }> => {
  const { caller, since, until, cursor, limit } = query;
  const after = cursor === undefined ? undefined : positionOf(cursor, query);
  const found: ListedRun[] = [];
  let read = 0;
  let last = '';
  const pages = deps.list.newest({
    caller,
    limit: limit + 1,
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(after !== undefined && { after }),
  });
  for await (const page of pages) {
    const current = await readOpen(page, deps);
    for (const [at, entry] of page.entries()) {
      const run = current[at];
      if (run && passes(run, query)) {
        if (found.length === limit) return { runs: found, nextCursor: cursorOf(last) };
        found.push(run);
      }
      last = listPosition(entry);
      read += 1;
      if (read >= MAX_READ) return { runs: found, nextCursor: cursorOf(last) };
    }
  }
  return { runs: found, nextCursor: null };
};

/**
 * The entries of a list with those of open runs as the runs are now: a list is written when a run is accepted and when
 * it has ended. Undefined for an entry of no run, as a crash or a race of two equal requests can leave one.
 */
export const readOpen = (
  entries: readonly ListedRun[],
  { runs }: Pick<ReadListDeps, 'runs'>,
): Promise<(ListedRun | undefined)[]> =>
  Promise.all(
    entries.map(async (entry) => {
      if (stageOf(entry) !== STAGES.open) return entry;
      const run = await runs.get(entry.id);
      if (!run || run.createdAt !== entry.createdAt || run.caller !== entry.caller) return undefined;
      if (run.status !== 'deleted') return { ...entry, ...listedOf(run) };
      const parts = buriedParts(entry.parts, run.generations);
      return { ...entry, status: 'deleted', parts, promptPreview: null, textPreview: null };
    }),
  );

/** The place of a run in its caller's list. Places sort by time. */
export const listPosition = (run: Pick<ListedRun, 'createdAt' | 'id'> | undefined): string =>
  run ? `${run.createdAt}#${run.id}` : '';

/** @throws {InvalidInputError} as `listRuns` does. */
const positionOf = (cursor: string, { since = '', until = '~' }: ListQuery): string => {
  const isListed = (createdAt: string, id: string) => isRunId(id) && createdAt >= since && createdAt < until;
  return readCursor(cursor, isListed).position;
};

const passes = (run: ListedRun, query: ListQuery): boolean =>
  (query.status ? run.status === query.status : query.includesDeleted || run.status !== 'deleted') &&
  (query.model === undefined ||
    run.model === query.model ||
    run.parts.some(({ model }) => model === query.model)) &&
  (query.label === undefined || run.parts.some(({ label }) => label === query.label)) &&
  (query.file === undefined || run.file?.fileId === query.file) &&
  Object.entries(query.metadata ?? {}).every(([key, value]) => own(run.metadata, key) === value);
