import { microseconds } from '../../json/value.ts';
import type { Sum, UsagePart } from '../../runs/list/parts.ts';

/** The usage of a setting as it is stored. */
// Short names, and nothing for zero: an entry of up to 1 KB costs one unit a write.
export type CompactPart = {
  m?: string;
  l?: string;
  n?: number;
  f?: number;
  p?: number;
  c?: number;
  r?: number;
  u?: number;
  /** Completed outputs without a figure: prompt, completion, reasoning tokens, cost. */
  x?: number[];
  t?: number[];
  d?: number[];
  e?: number[];
  g?: number;
};

/** Without what it does not have. */
export const compactPart = (part: UsagePart): CompactPart => {
  const { promptTokens, completionTokens, reasoningTokens, costUsd } = part.unknown;
  const unknown = [promptTokens, completionTokens, reasoningTokens, costUsd];
  return {
    ...(part.model !== null && { m: part.model }),
    ...(part.label !== null && { l: part.label }),
    ...(part.completed > 0 && { n: part.completed }),
    ...(part.failed > 0 && { f: part.failed }),
    ...(part.promptTokens > 0 && { p: part.promptTokens }),
    ...(part.completionTokens > 0 && { c: part.completionTokens }),
    ...(part.reasoningTokens > 0 && { r: part.reasoningTokens }),
    ...(part.costUsd > 0 && { u: part.costUsd }),
    ...(unknown.some((count) => count > 0) && { x: unknown }),
    ...(part.ttftMs.n > 0 && { t: pair(part.ttftMs) }),
    ...(part.tpotMs.n > 0 && { d: pair(part.tpotMs) }),
    ...(part.e2eMs.n > 0 && { e: pair(part.e2eMs) }),
    ...(part.longestGapMs !== null && { g: microseconds(part.longestGapMs) }),
  };
};

/** A sum to the microsecond, to save space. */
const pair = ({ n, sum }: Sum): number[] => [n, microseconds(sum)];

/** The usage of a stored part. */
export const partOf = (part: CompactPart): UsagePart => {
  const [promptTokens = 0, completionTokens = 0, reasoningTokens = 0, costUsd = 0] = part.x ?? [];
  return {
    model: part.m ?? null,
    label: part.l ?? null,
    completed: part.n ?? 0,
    failed: part.f ?? 0,
    promptTokens: part.p ?? 0,
    completionTokens: part.c ?? 0,
    reasoningTokens: part.r ?? 0,
    costUsd: part.u ?? 0,
    unknown: { promptTokens, completionTokens, reasoningTokens, costUsd },
    ttftMs: sumOf(part.t),
    tpotMs: sumOf(part.d),
    e2eMs: sumOf(part.e),
    longestGapMs: part.g ?? null,
  };
};

const sumOf = ([n = 0, sum = 0]: number[] = []): Sum => ({ n, sum });
