import { dropAbsent, own } from '../json/value.ts';
import type { UsagePart } from '../runs/list/parts.ts';
import type { ListedRun, ListRuns } from '../runs/ports.ts';
import type { UsageGrouping, UsageQuery } from './query.ts';

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

/** `truncated`: only the newest runs of the period were read; ask for a shorter one. */
export type UsageReport = {
  since: string;
  until: string;
  group_by: string | null;
  groups: UsageGroup[];
  total: UsageFigures;
  truncated: boolean;
};

const MAX_USAGE_RUNS = 10_000;
const PAGE = 500;
/** Pages of runs that one report reads. */
const MAX_PAGES = 100;

type Sums = Omit<UsageFigures, 'mean_ttft_ms'> & { ttftMs: number; ttfts: number };

const emptySums = (): Sums => ({
  requests: 0,
  failed_requests: 0,
  generations: 0,
  failed: 0,
  prompt_tokens: 0,
  completion_tokens: 0,
  reasoning_tokens: null,
  cost_usd: null,
  unpriced: 0,
  ttftMs: 0,
  ttfts: 0,
});

/**
 * Sums a caller's usage from the figures in its run items. Reads at most `maxRuns` runs, newest first. Groups are
 * sorted by key. A run whose outputs fall into several groups (labels, models) counts as a request in each of them.
 *
 * @example
 * const usage = await readUsage(parseUsageQuery([], Date.now()), 'acme', { listRuns });
 */
export const readUsage = async (
  { since, until, groupBy }: UsageQuery,
  caller: string,
  { listRuns, maxRuns = MAX_USAGE_RUNS }: { listRuns: ListRuns; maxRuns?: number },
): Promise<UsageReport> => {
  const total = emptySums();
  const groups = new Map<string | null, Sums>();
  let left = maxRuns;
  let pages = 0;
  let cursor: string | undefined;
  do {
    const page: Awaited<ReturnType<ListRuns>> = await listRuns(
      dropAbsent({ caller, since, until, limit: Math.min(PAGE, left), cursor, includesDeleted: true }),
    );
    for (const run of page.runs) addRun(run, groupBy, total, groups);
    left -= page.runs.length;
    cursor = page.nextCursor ?? undefined;
    pages += 1;
  } while (cursor !== undefined && left > 0 && pages < MAX_PAGES);
  return {
    since,
    until,
    group_by: groupBy && nameOf(groupBy),
    groups: [...groups]
      .map(([key, sums]) => ({ key, ...figuresOf(sums) }))
      .sort((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : 1)),
    total: figuresOf(total),
    truncated: cursor !== undefined,
  };
};

const nameOf = (grouping: UsageGrouping): string =>
  grouping.by === 'metadata' ? `metadata.${grouping.key}` : grouping.by;

const addRun = (
  run: ListedRun,
  groupBy: UsageGrouping | null,
  total: Sums,
  groups: Map<string | null, Sums>,
): void => {
  addRequest(total, run);
  for (const part of run.parts) addPart(total, part);
  if (!groupBy) return;
  const keys = run.parts.map((part) => keyOf(run, groupBy, part));
  for (const key of new Set(keys)) addRequest(groupOf(groups, key), run);
  for (const [at, part] of run.parts.entries()) addPart(groupOf(groups, keys[at] ?? null), part);
};

const groupOf = (groups: Map<string | null, Sums>, key: string | null): Sums => {
  const sums = groups.get(key) ?? emptySums();
  groups.set(key, sums);
  return sums;
};

const keyOf = (run: ListedRun, groupBy: UsageGrouping, part: UsagePart): string | null => {
  switch (groupBy.by) {
    case 'model':
      return part.model;
    case 'label':
      return part.label;
    case 'day':
      return run.createdAt.slice(0, 10);
    case 'metadata':
      return own(run.metadata, groupBy.key) ?? null;
  }
};

const addRequest = (sums: Sums, run: ListedRun): void => {
  sums.requests += 1;
  if (run.status === 'failed') sums.failed_requests += 1;
};

const addPart = (sums: Sums, part: UsagePart): void => {
  sums.generations += part.completed + part.failed;
  sums.failed += part.failed;
  sums.prompt_tokens += part.promptTokens;
  sums.completion_tokens += part.completionTokens;
  if (part.unknown.reasoningTokens < part.completed)
    sums.reasoning_tokens = (sums.reasoning_tokens ?? 0) + part.reasoningTokens;
  if (part.unknown.costUsd < part.completed) sums.cost_usd = (sums.cost_usd ?? 0) + part.costUsd;
  sums.unpriced += part.unknown.costUsd;
  sums.ttftMs += part.ttftMs.sum;
  sums.ttfts += part.ttftMs.n;
};

const figuresOf = ({ ttftMs, ttfts, ...sums }: Sums): UsageFigures => ({
  ...sums,
  mean_ttft_ms: ttfts === 0 ? null : ttftMs / ttfts,
});
