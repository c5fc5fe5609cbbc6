import { combine, mapRange, type Range, sumOf } from './ranges.ts';

/** Generations of a run that are in flight at once. */
export const GENERATIONS_AT_ONCE = 8;

/**
 * The time from the first dispatch of a comparison to its last end. A block takes as long as its slowest setting; with
 * more than eight settings, at least an eighth of their sum, and at most that and the slowest one.
 */
export const wallTimeOf = (
  settings: readonly Range[],
  { blocks, blocksAtOnce }: { blocks: number; blocksAtOnce: number },
): Range => {
  const rounds = Math.ceil(blocks / blocksAtOnce);
  const slowest = combine(settings, (values) => Math.max(...values));
  if (settings.length <= GENERATIONS_AT_ONCE) return mapRange(slowest, (value) => value * rounds);
  const share = mapRange(sumOf(settings), (value) => value / GENERATIONS_AT_ONCE);
  return {
    low: Math.max(slowest.low, share.low) * rounds,
    typical:
      slowest.typical === null || share.typical === null
        ? null
        : Math.max(slowest.typical, share.typical) * rounds,
    high: (slowest.high + share.high) * rounds,
  };
};
