import type { TraceChunk } from '../runs/generation.ts';

/** Times between consecutive non-empty chunks, in ms: one fewer than chunks. */
export const chunkGapsMs = (chunks: readonly Pick<TraceChunk, 't_ms'>[]): number[] => {
  const gaps: number[] = [];
  let before: number | undefined;
  for (const { t_ms } of chunks) {
    if (before !== undefined) gaps.push(t_ms - before);
    before = t_ms;
  }
  return gaps;
};
