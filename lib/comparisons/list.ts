import { inBatches } from '../async/in-batches.ts';
import type { FileStore } from '../files/ports.ts';
import { dropAbsent } from '../json/value.ts';
import { countFitting } from '../runs/fit-answer.ts';
import { cursorOf } from '../runs/list/cursor.ts';
import { readQueryParameters } from '../runs/query-parameters.ts';
import { type Entry, type EntryDeps, entryOf, type ListedComparison, settled } from './list-entry.ts';
import { COMPARISON_STATUSES, type ComparisonStatus } from './view.ts';

/** The parameters of GET /comparisons. `since` and `until` are UTC instants with milliseconds. */
export type ComparisonQuery = {
  limit: number;
  cursor?: string;
  since?: string;
  until?: string;
  status?: ComparisonStatus;
};

export type ListComparisonsDeps = EntryDeps & { files: Pick<FileStore, 'list'> };

/** Reads of the store's list for one page, each of up to `limit` comparisons. */
const MAX_READS = 4;
/** Runs that one page reads, of comparisons that have ended and whose last status is not recorded. */
const MAX_RUNS = 1_000;
const AT_ONCE = 10;
const SETTLED_AT_ONCE = 2;

/**
 * Parses the parameters of GET /comparisons.
 * @throws {InvalidInputError} naming every wrong or unknown parameter.
 */
export const parseComparisonQuery = (parameters: Iterable<[string, string]>): ComparisonQuery => {
  const read = readQueryParameters(parameters);
  const found = {
    limit: read.limit(),
    cursor: read.text('cursor', 1_000),
    status: read.oneOf('status', COMPARISON_STATUSES),
    ...read.period(),
  };
  read.finish();
  return dropAbsent(found);
};

/**
 * A page of a caller's comparisons, newest first. It reads the items of these comparisons alone, never those of prompt
 * files. A page is short or empty, with a cursor that goes on, where a filter passes few of the comparisons, where too
 * many runs would have to be read for it, or where it would be too large for an answer.
 * @throws {InvalidInputError} when the cursor is not of this list.
 */
export const listComparisons = async (
  { caller, limit, cursor, since, until, status }: ComparisonQuery & { caller: string },
  deps: ListComparisonsDeps,
): Promise<{ comparisons: ListedComparison[]; nextCursor: string | null }> => {
  const found: ListedComparison[] = [];
  let next = cursor;
  let runsLeft = MAX_RUNS;
  for (let reads = 0; reads < MAX_READS; reads += 1) {
    const page = await deps.files.list(
      dropAbsent({
        ...{ caller, kind: 'comparison' as const, limit: limit - found.length },
        ...{ cursor: next, since, until },
      }),
    );
    const all = await inBatches(page.files, AT_ONCE, (file) => entryOf(file, deps));
    const entries = all.filter((entry) => entry !== undefined);
    // The first comparison is always among them, so that every page goes on: it has 250 runs at most.
    const read = entries.slice(0, countWithin(entries, runsLeft));
    runsLeft -= read.reduce((sum, { runsToRead }) => sum + runsToRead, 0);
    const shown = await inBatches(read, SETTLED_AT_ONCE, (entry) => settled(entry, deps));
    found.push(...shown.filter((one) => status === undefined || one.status === status));
    next = cursorAfter(shown.at(-1)) ?? next;
    if (read.length < entries.length) break;
    next = page.nextCursor ?? undefined;
    if (next === undefined || found.length === limit) break;
  }
  const fitting = found.slice(0, countFitting(found));
  const nextCursor = (fitting.length < found.length ? cursorAfter(fitting.at(-1)) : next) ?? null;
  return { comparisons: fitting, nextCursor };
};

const cursorAfter = (shown: ListedComparison | undefined): string | undefined =>
  shown && cursorOf(`${shown.created_at}#${shown.id}`);

/** How many of the first entries need at most this many runs together. */
const countWithin = (entries: readonly Entry[], runs: number): number => {
  let sum = 0;
  const excess = entries.findIndex(({ runsToRead }) => {
    sum += runsToRead;
    return sum > runs;
  });
  return excess < 0 ? entries.length : excess;
};
