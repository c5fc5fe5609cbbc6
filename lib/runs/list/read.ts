import { inBatches } from '../../async/in-batches.ts';
import { dropAbsent, own } from '../../json/value.ts';
import { isRunId } from '../keys.ts';
import type { ListedRun, ListQuery, RunList, RunStore } from '../ports.ts';
import { cursorOf, readCursor } from './cursor.ts';
import { listedOf, STAGES, stageOf } from './entry.ts';
import { isWithin, listFiguresOf } from './figures.ts';
import { buriedParts } from './parts.ts';
import { type ListSort, MAX_SORTED, sortedPage, tooManyToSort } from './sorted.ts';

export type ReadListDeps = {
  list: RunList;
  runs: Pick<RunStore, 'get'>;
};

/** No provider can have this name. */
const DEFAULT_SERVER = 'default/';

/** Entries that one page reads. */
const MAX_READ = 1_000;

type Page = { runs: ListedRun[]; nextCursor: string | null };

/**
 * A page of a caller's runs, newest first or as `sort` says.
 *
 * Newest first it reads at most 1,000 entries, so with a filter that few of them pass a page may be short or empty and
 * still have a cursor, which goes on after the last entry read. A full page may have a cursor to an empty one, too: the
 * search for one more run ends there as well. Sorted, it reads all entries of its times, 10,000 at most.
 *
 * @throws {InvalidInputError} for a cursor that no such list returned, and for more entries than can be sorted.
 */
export const listRuns = (query: ListQuery, deps: ReadListDeps): Promise<Page> => {
  const { sort } = query;
  return sort ? listSorted({ ...query, sort }, deps) : listNewest(query, deps);
};

const listNewest = async (query: ListQuery, deps: ReadListDeps): Promise<Page> => {
  const { caller, since, until, cursor, limit } = query;
  const after = cursor === undefined ? undefined : positionOf(cursor, query);
  // A relative `since` moves on from page to page, so it may have passed the last place: nothing is left then.
  if (after !== undefined && since !== undefined && after < since) return { runs: [], nextCursor: null };
  const found: ListedRun[] = [];
  let read = 0;
  let last = '';
  const pages = deps.list.newest(dropAbsent({ caller, limit: limit + 1, since, until, after }));
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

const listSorted = async (query: ListQuery & { sort: ListSort }, deps: ReadListDeps): Promise<Page> => {
  const { caller, since, until, sort } = query;
  const entries: ListedRun[] = [];
  for await (const page of deps.list.newest(dropAbsent({ caller, limit: MAX_SORTED, since, until }))) {
    entries.push(...page);
    if (entries.length > MAX_SORTED) throw tooManyToSort(entries.map(({ createdAt }) => createdAt));
  }
  const current = await readOpen(entries, deps);
  const runs = current.filter((run) => run !== undefined).filter((run) => passes(run, query));
  const figureOf = (run: ListedRun): number | null =>
    sort.by === 'created_at' ? Date.parse(run.createdAt) : listFiguresOf(run.parts)[sort.by];
  return sortedPage(
    runs.map((run) => ({ run, value: figureOf(run), position: listPosition(run) })),
    sort,
    query,
  );
};

/**
 * The entries of a list with those of open runs as the runs are now: a list is written when a run is accepted and when
 * it has ended. Undefined for an entry of no run, as a crash or a race of two equal requests can leave one.
 */
export const readOpen = (
  entries: readonly ListedRun[],
  { runs }: Pick<ReadListDeps, 'runs'>,
): Promise<(ListedRun | undefined)[]> =>
  inBatches(entries, OPEN_AT_ONCE, async (entry): Promise<ListedRun | undefined> => {
    if (stageOf(entry) !== STAGES.open) return entry;
    const run = await runs.get(entry.id);
    if (!run || run.createdAt !== entry.createdAt || run.caller !== entry.caller) return undefined;
    if (run.status !== 'deleted') return { ...entry, ...listedOf(run) };
    const parts = buriedParts(entry.parts, run.generations);
    return { ...entry, status: 'deleted', parts, promptPreview: null, textPreview: null };
  });

/** Entries of a list whose runs are read at once. */
const OPEN_AT_ONCE = 100;

/** The place of a run in its caller's list. Places sort by time. */
export const listPosition = (run: Pick<ListedRun, 'createdAt' | 'id'> | undefined): string =>
  run ? `${run.createdAt}#${run.id}` : '';

/** @throws {InvalidInputError} as `listRuns` does. */
const positionOf = (cursor: string, { until = '~' }: ListQuery): string => {
  const isListed = (createdAt: string, id: string) => isRunId(id) && createdAt < until;
  return readCursor(cursor, isListed).position;
};

/**
 * Whether a part's model, such as `groq/llama-3`, is the one that a query names: in full, by its name or by its provider.
 * `default/llama-3` is that of the default server alone, whose models have no provider before their names.
 */
const isOf = (model: string | null, named: string): boolean => {
  if (model === null) return false;
  if (named.startsWith(DEFAULT_SERVER)) return model === named.slice(DEFAULT_SERVER.length);
  const slash = model.indexOf('/');
  return (
    model === named || (slash > 0 && (model.slice(slash + 1) === named || model.slice(0, slash) === named))
  );
};

const passes = (run: ListedRun, query: ListQuery): boolean =>
  (query.status ? run.status === query.status : query.includesDeleted || run.status !== 'deleted') &&
  (query.model === undefined || run.parts.some(({ model }) => isOf(model, query.model ?? ''))) &&
  (query.label === undefined || run.parts.some(({ label }) => label === query.label)) &&
  (query.conversation === undefined ||
    run.conversation === query.conversation ||
    run.id === query.conversation) &&
  (query.file === undefined || run.file?.fileId === query.file) &&
  Object.entries(query.metadata ?? {}).every(([key, value]) => own(run.metadata, key) === value) &&
  (query.bounds === undefined || isWithin(query.bounds, listFiguresOf(run.parts)));
