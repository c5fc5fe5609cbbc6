import { type ReadonlySignal, signal } from '@preact/signals';
import type { RunList, RunQuery, RunSummary } from '../../../client/index.ts';

/** The most that the API gives at once. */
export const PAGE = 100;
/** A poll that finds more new runs than these pages hold offers the list anew instead. */
const MOST_NEW_PAGES = 5;

const OVERLAP_MS = 10_000;

const OPEN: readonly RunSummary['status'][] = ['queued', 'generating', 'generated'];

const isOpen = ({ status }: RunSummary): boolean => OPEN.includes(status);

export type RunListStore = {
  runs: ReadonlySignal<readonly RunSummary[]>;
  /** New runs that are not shown yet; `many` where there are more than the polls read. */
  waiting: ReadonlySignal<readonly RunSummary[] | 'many'>;
  error: ReadonlySignal<unknown>;
  isLoading: ReadonlySignal<boolean>;
  /** Whether the API has further runs after those that are loaded. */
  hasMore: ReadonlySignal<boolean>;
  /** Reads the next page, the first one at first. Does nothing while one is being read. */
  readMore: () => Promise<void>;
  /**
   * Looks for new runs, and at those that are open among `inSight`. New ones are shown at once only if they may move what
   * is there.
   */
  poll: (inSight: readonly RunSummary[], mayMove: boolean) => Promise<void>;
  /** Shows the new runs that wait. */
  show: () => void;
};

/**
 * The runs of one query, newest first or sorted, as far as they are read.
 *
 * @param read a page of the API
 * @param openedAt when the list was opened, in epoch ms: where it is empty, later runs are new
 */
export const makeRunList = (
  read: (query: RunQuery) => Promise<RunList>,
  query: RunQuery,
  openedAt: number,
): RunListStore => {
  const runs = signal<readonly RunSummary[]>([]);
  const waiting = signal<readonly RunSummary[] | 'many'>([]);
  const error = signal<unknown>(undefined);
  const isLoading = signal(false);
  const cursor = signal<string | null | undefined>(undefined);
  const hasMore = signal(true);
  const known = new Set<string>();

  const add = (page: readonly RunSummary[]): void => {
    const more = page.filter(({ id }) => !known.has(id));
    for (const { id } of more) known.add(id);
    runs.value = [...runs.value, ...more];
  };
  const change = (page: readonly RunSummary[]): void => {
    const changed = changedRuns(runs.value, page);
    if (changed !== undefined) runs.value = changed;
  };
  const show = (): void => {
    if (waiting.value === 'many' || waiting.value.length === 0) return;
    const fresh = waiting.value;
    waiting.value = [];
    for (const { id } of fresh) known.add(id);
    runs.value = byNewest(fresh, runs.value);
  };

  /**
   * Runs that the list does not hold, from shortly before its newest one on: a filter that finds little would otherwise
   * read the whole list each time. A run that began earlier can be listed later than another, by moments.
   */
  const readNew = async (): Promise<readonly RunSummary[] | 'many'> => {
    if (query.until !== undefined) return [];
    const newest = runs.value[0] === undefined ? openedAt : Date.parse(runs.value[0].created_at);
    const since = new Date(newest - OVERLAP_MS).toISOString();
    const fresh: RunSummary[] = [];
    let from: string | undefined;
    for (let pages = 0; pages < MOST_NEW_PAGES; pages++) {
      const { data, next_cursor } = await read({
        ...query,
        since,
        limit: PAGE,
        ...(from !== undefined && { cursor: from }),
      });
      change(data);
      fresh.push(...data.filter(({ id }) => !known.has(id)));
      if (next_cursor === null) return fresh;
      from = next_cursor;
    }
    return 'many';
  };

  return {
    runs,
    waiting,
    error,
    isLoading,
    hasMore,
    readMore: async () => {
      if (isLoading.value || !hasMore.value) return;
      isLoading.value = true;
      try {
        const page = await read({ ...query, limit: PAGE, ...(cursor.value && { cursor: cursor.value }) });
        add(page.data);
        cursor.value = page.next_cursor;
        hasMore.value = page.next_cursor !== null;
        error.value = undefined;
      } catch (cause) {
        error.value = cause;
      } finally {
        isLoading.value = false;
      }
    },
    poll: async (inSight, mayMove) => {
      if (cursor.value === undefined) return; // the first page is still to come
      const fresh = await readNew();
      waiting.value = fresh;
      if (mayMove) show();
      const open = inSight.filter(isOpen);
      const [newest] = open;
      const oldest = open.at(-1);
      if (newest === undefined || oldest === undefined) return;
      // Without the status: a run that has ended no longer meets a filter by its status, and is to show how it ended.
      const { status: _, sort: __, ...rest } = query;
      const until = new Date(Date.parse(newest.created_at) + 1).toISOString();
      const { data } = await read({ ...rest, since: oldest.created_at, until, limit: PAGE });
      change(data);
    },
    show,
  };
};

/** The list with the present state of its runs; undefined where nothing has changed. */
const changedRuns = (
  runs: readonly RunSummary[],
  present: readonly RunSummary[],
): readonly RunSummary[] | undefined => {
  const byId = new Map(present.map((run) => [run.id, run]));
  let hasChanged = false;
  const changed = runs.map((run) => {
    const now = byId.get(run.id);
    if (now === undefined || (now.status === run.status && now.text_preview === run.text_preview)) return run;
    hasChanged = true;
    return now;
  });
  return hasChanged ? changed : undefined;
};

/** Both lists in one, newest first; each keeps its own order. */
export const byNewest = (fresh: readonly RunSummary[], runs: readonly RunSummary[]): RunSummary[] => {
  const merged: RunSummary[] = [];
  let at = 0;
  for (const run of fresh) {
    for (; at < runs.length; at++) {
      const next = runs[at];
      if (next === undefined || Date.parse(next.created_at) <= Date.parse(run.created_at)) break;
      merged.push(next);
    }
    merged.push(run);
  }
  return [...merged, ...runs.slice(at)];
};
