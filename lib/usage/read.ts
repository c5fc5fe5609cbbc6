import type { Clock } from '../async/clock.ts';
import { inBatches } from '../async/in-batches.ts';
import { type ReadListDeps, readOpen } from '../runs/list/read.ts';
import { type Groups, makeGroups, type UsageFigures, type UsageGroup } from './groups.ts';
import { boundsOf, closingOf, lengthOf, nameOf as periodName } from './periods.ts';
import type { Totals, UsageShape, UsageStore } from './ports.ts';
import { nameOfGrouping, type UsageGrouping, type UsageQuery } from './query.ts';
import { shapeOf } from './shapes.ts';

/** `truncated`: not all runs that are not summed yet were read; ask for a shorter period. */
export type UsageReport = {
  since: string;
  until: string;
  group_by: string | null;
  groups: UsageGroup[];
  total: UsageFigures;
  truncated: boolean;
};

export type ReadUsageDeps = ReadListDeps & {
  totals: Pick<UsageStore, 'range'>;
  clock: Pick<Clock, 'now'>;
  /** Runs that one report reads one by one. */
  maxRuns?: number;
  /** Groups that one report shows. */
  maxGroups?: number;
};

const MAX_USAGE_RUNS = 10_000;
/** How long a report reads on to a further caller, ms: the gateway waits 29 s for it. */
const MAX_MS = 15_000;
const CALLERS_AT_ONCE = 8;
const PAGE = 1_000;

/** A span of time, epoch ms, `to` exclusive. */
type Span = { from: number; to: number };

type Selection = Pick<UsageQuery, 'since' | 'until' | 'groupBy'>;

/** The shared part of one report over several callers: its groups, and how many runs may still be read one by one. */
type Report = { groupBy: readonly UsageGrouping[]; sums: Groups; left: number };

/**
 * Sums the usage of a caller, or of several: whole days and hours from their stored sums, and the rest (the last hour or
 * so, times that begin or end within an hour, and metadata that is not summed) run by run, newest first, at most `maxRuns`.
 * A day that is to be summed again is read by its hours, and such an hour run by run. Groups are sorted by key. A run whose
 * outputs fall into several groups (labels, models) counts as a request in each of them.
 *
 * @example
 * const usage = await readUsage(parseUsageQuery([], Date.now()), ['acme'], { totals, list, runs, clock });
 */
export const readUsage = async (
  { since, until, groupBy }: Selection,
  callers: readonly string[],
  deps: ReadUsageDeps,
): Promise<UsageReport> => {
  const { maxRuns = MAX_USAGE_RUNS, maxGroups, clock } = deps;
  const sums = makeGroups(groupBy, maxGroups === undefined ? {} : { max: maxGroups });
  const report: Report = { groupBy, sums, left: maxRuns };
  const end = clock.now() + MAX_MS;
  const missing = await inBatches(callers, CALLERS_AT_ONCE, async (caller) =>
    clock.now() > end ? true : addCaller({ since, until }, caller, report, deps),
  );
  return {
    since,
    until,
    group_by: groupBy.length === 0 ? null : groupBy.map(nameOfGrouping).join(','),
    groups: sums.groups(),
    total: sums.total(),
    truncated: missing.some(Boolean),
  };
};

/** Adds the usage of one caller. Returns whether runs are missing. */
const addCaller = async (
  { since, until }: Pick<Selection, 'since' | 'until'>,
  caller: string,
  report: Report,
  deps: ReadUsageDeps,
): Promise<boolean> => {
  const { sums, groupBy } = report;
  const now = deps.clock.now();
  let left: Span[] = [{ from: Date.parse(since), to: Date.parse(until) }];
  const stale: Totals[] = [];
  for (const kind of ['DAY', 'HOUR'] as const) {
    const rest: Span[] = [];
    for (const span of left) {
      const whole = wholeOf(kind, span);
      const summed = new Set<string>();
      const unread = new Set<string>();
      // Added up as they are read: the sums of many days with many labels are too large to be held together.
      for await (const found of periodsIn(kind, whole, caller, deps)) {
        const { name } = found.period;
        if (found.dueAt === null && isTold(found, groupBy)) {
          sums.addAll(found.shapes, { day: name.slice(0, 10), caller });
          summed.add(name);
        } else {
          unread.add(name);
          if (kind === 'HOUR' && found.version > 0 && isTold(found, groupBy)) stale.push(found);
        }
      }
      // No run was created in a closed hour without sums.
      const isDone = (name: string) =>
        summed.has(name) || (kind === 'HOUR' && !unread.has(name) && closingOf({ kind, name }) <= now);
      rest.push(...spansWithout(kind, span, whole, isDone));
    }
    left = rest;
  }
  return addLive(left, stale, { caller, report }, deps);
};

/** Whether a period's sums tell the groups apart. */
const isTold = ({ keys }: Totals, groupBy: readonly UsageGrouping[]): boolean =>
  metadataKeys(groupBy).every((key) => keys.includes(key));

const metadataKeys = (groupBy: readonly UsageGrouping[]): string[] =>
  groupBy.flatMap((grouping) => (grouping.by === 'metadata' ? [grouping.key] : []));

/** The whole periods within a span. */
const wholeOf = (kind: 'HOUR' | 'DAY', { from, to }: Span): Span => {
  const length = lengthOf(kind);
  return { from: Math.ceil(from / length) * length, to: Math.floor(to / length) * length };
};

/** Those of these whole periods that are stored. */
async function* periodsIn(
  kind: 'HOUR' | 'DAY',
  { from, to }: Span,
  caller: string,
  { totals }: ReadUsageDeps,
): AsyncGenerator<Totals> {
  if (from < to) yield* totals.range(caller, kind, periodName(kind, from), periodName(kind, to));
}

/** The rest of a span without its periods that are done; neighbours are joined. */
const spansWithout = (
  kind: 'HOUR' | 'DAY',
  span: Span,
  whole: Span,
  isDone: (name: string) => boolean,
): Span[] => {
  if (whole.from >= whole.to) return [span];
  const rest: Span[] = [];
  const push = ({ from, to }: Span) => {
    const last = rest.at(-1);
    if (from >= to) return;
    if (last?.to === from) last.to = to;
    else rest.push({ from, to });
  };
  push({ from: span.from, to: whole.from });
  for (let from = whole.from; from < whole.to; from += lengthOf(kind)) {
    if (!isDone(periodName(kind, from))) push({ from, to: from + lengthOf(kind) });
  }
  push({ from: whole.to, to: span.to });
  return rest;
};

/**
 * Adds the runs of these spans one by one, newest first. Where there are too many, the hours that have sums from before
 * are taken by these. Returns whether runs are missing.
 */
const addLive = async (
  spans: Span[],
  stale: Totals[],
  { caller, report }: { caller: string; report: Report },
  deps: ReadUsageDeps,
): Promise<boolean> => {
  const { sums } = report;
  const keys = metadataKeys(report.groupBy);
  let isMissing = false;
  for (const span of withinHours(spans, stale).toReversed()) {
    const read: { shape: UsageShape; day: string }[] = [];
    let isWhole = true;
    const pages = deps.list.newest({
      caller,
      limit: Math.min(PAGE, report.left + 1),
      since: new Date(span.from).toISOString(),
      until: new Date(span.to).toISOString(),
    });
    for await (const page of pages) {
      // Other callers are read at the same time, so the runs are taken before anything is awaited.
      const taken = page.slice(0, report.left);
      isWhole = taken.length === page.length;
      report.left -= taken.length;
      for (const run of await readOpen(taken, deps))
        if (run) read.push({ shape: shapeOf(run, keys), day: run.createdAt.slice(0, 10) });
      if (!isWhole) break;
    }
    isMissing ||= !isWhole;
    const earlier = isWhole ? undefined : stale.find(({ period }) => isHour(period, span));
    if (earlier) sums.addAll(earlier.shapes, { day: earlier.period.name.slice(0, 10), caller });
    else for (const { shape, day } of read) sums.addAll([shape], { day, caller });
  }
  return isMissing;
};

const isHour = ({ name }: Totals['period'], { from, to }: Span): boolean => {
  const hour = boundsOf({ kind: 'HOUR', name });
  return hour.from === from && hour.to === to;
};

/** The spans with each of these hours apart. */
const withinHours = (spans: Span[], hours: Totals[]): Span[] => {
  const bounds = hours.map(({ period: { name } }) => boundsOf({ kind: 'HOUR', name }));
  return spans.flatMap((span) => {
    const cuts = bounds.filter(({ from, to }) => from >= span.from && to <= span.to);
    const marks = [...new Set([span.from, ...cuts.flatMap(({ from, to }) => [from, to]), span.to])];
    const sorted = marks.sort((a, b) => a - b);
    return sorted.slice(1).map((to, at) => ({ from: sorted[at] ?? span.from, to }));
  });
};
