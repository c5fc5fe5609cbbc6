import { microseconds } from '../json/value.ts';
import { countFitting } from './fit-answer.ts';
import type { Trace, TraceChunk } from './generation.ts';

/** A gap between two chunks: `chunk` is the index of the chunk after it. */
export type ChunkGap = { chunk: number; gap_ms: number };

/** Chunks of a trace as the API shows it; `next_after` is the index to go on after, null where the trace ends. */
export type TraceView = Trace & { longest_gaps: ChunkGap[]; next_after: number | null };

/** The chunks to show: those after the chunk of this index, up to so many. */
export type TracePage = { after?: number; limit?: number };

const MOST_GAPS = 5;

/** The longest gaps between consecutive chunks, at most five, longest first and the earlier of equal ones first. */
export const longestGapsOf = (chunks: readonly Pick<TraceChunk, 't_ms'>[]): ChunkGap[] => {
  const longest: ChunkGap[] = [];
  let before: number | undefined;
  for (const [chunk, { t_ms }] of chunks.entries()) {
    const gap = before === undefined ? undefined : t_ms - before;
    before = t_ms;
    if (gap === undefined) continue;
    const last = longest[MOST_GAPS - 1];
    if (last && last.gap_ms >= gap) continue;
    // Behind gaps of the same length, which are earlier.
    const place = longest.findIndex(({ gap_ms }) => gap_ms < gap);
    longest.splice(place < 0 ? longest.length : place, 0, { chunk, gap_ms: gap });
    longest.length = Math.min(longest.length, MOST_GAPS);
  }
  return longest;
};

/** A page of a trace: as many of its chunks as are asked for and fit into an answer, and the gaps of the whole. */
export const viewTrace = ({ marks, chunks }: Trace, { after = -1, limit }: TracePage = {}): TraceView => {
  const first = after + 1;
  const wanted = chunks.slice(first, limit === undefined ? undefined : first + limit);
  const shown = wanted.slice(0, Math.max(1, countFitting(wanted)));
  const end = first + shown.length;
  return {
    marks,
    // Times of a stored trace are whole microseconds, whose differences have binary fractions.
    longest_gaps: longestGapsOf(chunks).map(({ chunk, gap_ms }) => ({ chunk, gap_ms: microseconds(gap_ms) })),
    chunks: shown,
    next_after: end < chunks.length ? end - 1 : null,
  };
};
