import { own } from '../json/value.ts';
import { knownSum, makePart, meanOf, plusPart, type UsagePart } from '../runs/list/parts.ts';
import type { UsageShape } from './ports.ts';
import { nameOfGrouping, type UsageGrouping } from './query.ts';

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

/**
 * `keys` has the group's key of each grouping by its name, and `key` that of the only one; null for runs without the
 * metadata key, and for `other`: the sum of the groups that are not shown. Deleted runs stand where they stood.
 */
export type UsageGroup = UsageFigures & {
  key: string | null;
  keys: Record<string, string | null>;
  other?: true;
};

/** Callers choose labels and metadata, so groups could be without number. Those of the highest cost are shown. */
const MAX_GROUPS = 5_000;
/** Groups that are told apart while they are summed. Any further one is added to `other` from its first run on. */
const MAX_HELD = 50_000;

type Sum = { requests: number; failedRequests: number; part: UsagePart };
type Key = (string | null)[];

export type Groups = ReturnType<typeof makeGroups>;

/** Where a shape's runs belong, beside what the shape itself tells. */
export type Whence = { day: string; caller: string };

const emptySum = (): Sum => ({
  requests: 0,
  failedRequests: 0,
  part: makePart({ model: null, label: null }),
});

/** Adds usage up in groups and in all. */
export const makeGroups = (
  groupBy: readonly UsageGrouping[],
  { max = MAX_GROUPS, maxHeld = MAX_HELD }: { max?: number; maxHeld?: number } = {},
) => {
  const total = emptySum();
  const groups = new Map<string, { key: Key; sum: Sum }>();
  let other: Sum | undefined;
  const sumOf = (key: Key): Sum => {
    const name = JSON.stringify(key);
    const found = groups.get(name);
    if (found) return found.sum;
    if (groups.size >= maxHeld) {
      other ??= emptySum();
      return other;
    }
    const sum = emptySum();
    groups.set(name, { key, sum });
    return sum;
  };
  const add = (shape: UsageShape, whence: Whence): void => {
    addRequests(total, shape);
    for (const part of shape.parts) total.part = plusPart(total.part, part);
    if (groupBy.length === 0) return;
    const sums = shape.parts.map((part) =>
      sumOf(groupBy.map((grouping) => keyOf(shape, whence, grouping, part))),
    );
    for (const sum of new Set(sums)) addRequests(sum, shape);
    for (const [at, part] of shape.parts.entries()) {
      const sum = sums[at];
      if (sum) sum.part = plusPart(sum.part, part);
    }
  };
  const names = groupBy.map(nameOfGrouping);
  const groupOf = (key: Key, sum: Sum): UsageGroup => ({
    key: key.length === 1 ? (key[0] ?? null) : null,
    keys: Object.fromEntries(names.map((name, at) => [name, key[at] ?? null])),
    ...figuresOf(sum),
  });
  return {
    addAll: (shapes: readonly UsageShape[], whence: Whence): void => {
      for (const shape of shapes) add(shape, whence);
    },
    /** In the order of their keys, and `other` last. */
    groups: (): UsageGroup[] => {
      const all = [...groups.values()].sort((a, b) => inOrder(a.key, b.key));
      const largest =
        all.length <= max
          ? all
          : all.toSorted((a, b) => byCost(a.sum, b.sum) || inOrder(a.key, b.key)).slice(0, max);
      const shown = new Set(largest);
      const rest = all.filter((group) => !shown.has(group)).map(({ sum }) => sum);
      const left = [...rest, ...(other ? [other] : [])];
      return [
        ...all.filter((group) => shown.has(group)).map(({ key, sum }) => groupOf(key, sum)),
        ...(left.length > 0 ? [{ ...groupOf([], left.reduce(plus)), other: true as const }] : []),
      ];
    },
    total: (): UsageFigures => figuresOf(total),
  };
};

const inOrder = (a: Key, b: Key): number => {
  const at = a.findIndex((key, place) => key !== b[place]);
  return at < 0 ? 0 : (a[at] ?? '') < (b[at] ?? '') ? -1 : 1;
};

const byCost = (a: Sum, b: Sum): number => b.part.costUsd - a.part.costUsd || b.requests - a.requests;

const plus = (a: Sum, b: Sum): Sum => ({
  requests: a.requests + b.requests,
  failedRequests: a.failedRequests + b.failedRequests,
  part: plusPart(a.part, b.part),
});

const addRequests = (sum: Sum, { requests, failedRequests }: UsageShape): void => {
  sum.requests += requests;
  sum.failedRequests += failedRequests;
};

const keyOf = (
  { metadata }: UsageShape,
  { day, caller }: Whence,
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
    case 'caller':
      return caller;
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
  reasoning_tokens: knownSum(part, 'reasoningTokens'),
  cost_usd: knownSum(part, 'costUsd'),
  unpriced: part.unknown.costUsd,
  mean_ttft_ms: meanOf(part.ttftMs),
});
