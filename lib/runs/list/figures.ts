import { meanOf, totalPart, type UsagePart, wholeSum } from './parts.ts';

/** The figures by which a list of runs can be bounded and sorted. */
export const LIST_FIGURES = ['ttft_ms', 'tpot_ms', 'e2e_ms', 'cost_usd', 'tokens'] as const;

export type ListFigure = (typeof LIST_FIGURES)[number];

/** Bounds of figures, both inclusive. */
export type ListBounds = Partial<Record<ListFigure, { min?: number; max?: number }>>;

/**
 * The figures of a run in lists: times are means over its completed outputs, in ms; `cost_usd` and `tokens` (completion
 * tokens) are their sums. Null where one is unknown, as all are before the run is generated.
 */
export const listFiguresOf = (parts: readonly UsagePart[]): Record<ListFigure, number | null> => {
  const total = totalPart(parts);
  return {
    ttft_ms: meanOf(total.ttftMs),
    tpot_ms: meanOf(total.tpotMs),
    e2e_ms: meanOf(total.e2eMs),
    cost_usd: wholeSum(total, 'costUsd'),
    tokens: wholeSum(total, 'completionTokens'),
  };
};

/** Whether the figures meet all bounds. One that is unknown meets none. */
export const isWithin = (bounds: ListBounds, figures: Record<ListFigure, number | null>): boolean =>
  LIST_FIGURES.every((figure) => {
    const bound = bounds[figure];
    const value = figures[figure];
    if (bound === undefined) return true;
    return value !== null && value >= (bound.min ?? 0) && value <= (bound.max ?? Number.POSITIVE_INFINITY);
  });
