import type { Clock } from '../async/clock.ts';
import { own, rounded } from '../json/value.ts';
import { makePart, meanOf, plusPart, type UsagePart } from '../runs/list/parts.ts';
import { type ReadListDeps, readOpen } from '../runs/list/read.ts';
import { boundsOf, closingOf, lengthOf, nameOf as periodName } from './periods.ts';
import type { Totals, UsageShape, UsageStore } from './ports.ts';
import type { UsageGrouping, UsageQuery } from './query.ts';
import { shapeOf } from './shapes.ts';

/**
 * Sums over runs, deleted ones included: what was spent stays spent.
 * - `requests`: runs; `failed_requests` of them failed.
 * - `generations`: outputs that ended; `failed` of them failed.
 * - Tokens: sums of the known counts.
 * - `cost_usd`: sum of the known costs in USD, null without any; `unpriced`: completed outputs without a known cost.
 * - `mean_ttft_ms`: mean over completed outputs whose figure is known, null without any.
 */
export type UsageFigures = {
  requests: number;
  failed_requests: number;
  generations: number;
  failed: number;
  prompt_tokens: number;
  completion_tokens: number;
  /** Included in `completion_tokens`; null when it is unknown for every output. */
  reasoning_tokens: number | null;
  cost_usd: number | null;
  unpriced: number;
  mean_ttft_ms: number | null;
};

/** `key` is null for runs without the metadata key of the grouping. Deleted runs stand where they stood. */
type UsageGroup = UsageFigures & { key: string | null };

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
};

const MAX_USAGE_RUNS = 10_000;
const PAGE = 1_000;

/** A span of time, epoch ms, `to` exclusive. */
type Span = { from: number; to: number };

/**
 * Sums a caller's usage: whole days and hours from their stored sums, and the rest (the last hour or so, times that begin
 * or end within an hour, and metadata that is not summed) run by run, newest first, at most `maxRuns`. A day that is to
 * be summed again is read by its hours, and such an hour run by run. Groups are sorted by key. A run whose outputs fall
 * into several groups (labels, models) counts as a request in each of them.
 *
 * @example
 * const usage = await readUsage(parseUsageQuery([], Date.now()), 'acme', { totals, list, runs, clock });
 */
export const readUsage = async (
  { since, until, groupBy }: UsageQuery,
  caller: string,
  deps: ReadUsageDeps,
): Promise<UsageReport> => {
  const sums = makeGroups(groupBy);
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
          sums.addAll(found.shapes, name.slice(0, 10));
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
  const truncated = await addLive(left, stale, { caller, groupBy, sums }, deps);
  return {
    since,
    until,
    group_by: groupBy && nameOf(groupBy),
    groups: sums.groups(),
    total: sums.total(),
    truncated,
  };
};

const nameOf = (grouping: UsageGrouping): string =>
  grouping.by === 'metadata' ? `metadata.${grouping.key}` : grouping.by;

/** Whether a period's sums tell the groups apart. */
const isTold = ({ keys }: Totals, groupBy: UsageGrouping | null): boolean =>
  groupBy?.by !== 'metadata' || keys.includes(groupBy.key);

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
  { caller, groupBy, sums }: { caller: string; groupBy: UsageGrouping | null; sums: Groups },
  deps: ReadUsageDeps,
): Promise<boolean> => {
  const keys = groupBy?.by === 'metadata' ? [groupBy.key] : [];
  let left = deps.maxRuns ?? MAX_USAGE_RUNS;
  let isMissing = false;
  for (const span of withinHours(spans, stale).toReversed()) {
    const read: { shape: UsageShape; day: string }[] = [];
    let isWhole = true;
    const pages = deps.list.newest({
      caller,
      limit: Math.min(PAGE, left + 1),
      since: new Date(span.from).toISOString(),
      until: new Date(span.to).toISOString(),
    });
    for await (const page of pages) {
      for (const run of await readOpen(page.slice(0, left), deps))
        if (run) read.push({ shape: shapeOf(run, keys), day: run.createdAt.slice(0, 10) });
      isWhole = page.length <= left;
      left -= Math.min(left, page.length);
      if (!isWhole) break;
    }
    isMissing ||= !isWhole;
    const earlier = isWhole ? undefined : stale.find(({ period }) => isHour(period, span));
    if (earlier) sums.addAll(earlier.shapes, earlier.period.name.slice(0, 10));
    else for (const { shape, day } of read) sums.addAll([shape], day);
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

type Sum = { requests: number; failedRequests: number; part: UsagePart };
type Groups = ReturnType<typeof makeGroups>;

const emptySum = (): Sum => ({
  requests: 0,
  failedRequests: 0,
  part: makePart({ model: null, label: null }),
});

const makeGroups = (groupBy: UsageGrouping | null) => {
  const total = emptySum();
  const groups = new Map<string | null, Sum>();
  const groupOf = (key: string | null): Sum => {
    const sum = groups.get(key) ?? emptySum();
    groups.set(key, sum);
    return sum;
  };
  const add = (shape: UsageShape, day: string): void => {
    addRequests(total, shape);
    for (const part of shape.parts) total.part = plusPart(total.part, part);
    if (!groupBy) return;
    const keys = shape.parts.map((part) => keyOf(shape, day, groupBy, part));
    for (const key of new Set(keys)) addRequests(groupOf(key), shape);
    for (const [at, part] of shape.parts.entries()) {
      const group = groupOf(keys[at] ?? null);
      group.part = plusPart(group.part, part);
    }
  };
  return {
    addAll: (shapes: readonly UsageShape[], day: string): void => {
      for (const shape of shapes) add(shape, day);
    },
    groups: (): UsageGroup[] =>
      [...groups]
        .map(([key, sum]) => ({ key, ...figuresOf(sum) }))
        .sort((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : 1)),
    total: (): UsageFigures => figuresOf(total),
  };
};

const addRequests = (sum: Sum, { requests, failedRequests }: UsageShape): void => {
  sum.requests += requests;
  sum.failedRequests += failedRequests;
};

const keyOf = (
  { metadata }: UsageShape,
  day: string,
  groupBy: UsageGrouping,
  part: UsagePart,
): string | null => {
  switch (groupBy.by) {
    case 'model':
      return part.model;
    case 'label':
      return part.label;
    case 'day':
      return day;
    case 'metadata':
      return own(metadata, groupBy.key) ?? null;
  }
};

const figuresOf = ({ requests, failedRequests, part }: Sum): UsageFigures => ({
  requests,
  failed_requests: failedRequests,
  generations: part.completed + part.failed,
  failed: part.failed,
  prompt_tokens: part.promptTokens,
  completion_tokens: part.completionTokens,
  reasoning_tokens: known(part, 'reasoningTokens'),
  cost_usd: known(part, 'costUsd'),
  unpriced: part.unknown.costUsd,
  mean_ttft_ms: meanOf(part.ttftMs),
});

/** A sum, unless no output is known to have anything to add to it. */
const known = (part: UsagePart, field: 'reasoningTokens' | 'costUsd'): number | null =>
  part[field] > 0 || part.unknown[field] < part.completed ? rounded(part[field]) : null;
