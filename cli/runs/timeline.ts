import type { Trace } from '../../client/index.ts';
import { printableLine } from '../terminal/printable.ts';
import { milliseconds, secondsOf } from '../terminal/units.ts';
import { gapBefore, textBefore } from './tokens.ts';

const LEVELS = [...'▁▂▃▄▅▆▇█'];
const WAITING = '·';
/** A steady stream stays low: the highest block is at least so many usual gaps. */
const USUAL_GAPS = 4;

type Timeline = {
  /** The blocks over the time, from the request to the end. */
  strip: string;
  /** The time of the first token and of the end, below them. */
  axis: string;
  /** The gap of the highest block, in ms. */
  highestMs: number;
};

/**
 * The waits between chunks over the time: a slice is the higher, the longer the longest gap that it belongs to, so that a
 * stall stands out by its width and by its height. Dots are the wait for the first token, and that after the last one.
 * Undefined without a chunk.
 */
export const timelineOf = (
  { chunks, marks }: Pick<Trace, 'chunks' | 'marks'>,
  width: number,
): Timeline | undefined => {
  const first = chunks[0];
  const last = chunks.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const end = Math.max(last.t_ms, marks.tE ?? 0);
  const columns = Math.max(1, width);
  const columnOf = (ms: number) =>
    Math.min(columns - 1, Math.max(0, Math.floor((ms / (end || 1)) * columns)));
  const longest = new Map<number, number>();
  const gaps = chunks.flatMap((_, at) => gapBefore(chunks, at) ?? []);
  for (const [at, gap] of gaps.entries()) {
    const to = chunks[at + 1]?.t_ms ?? 0;
    for (let column = columnOf(to - gap); column <= columnOf(to); column++)
      longest.set(column, Math.max(gap, longest.get(column) ?? 0));
  }
  const usual = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
  const highestMs = Math.max(usual * USUAL_GAPS, ...longest.values());
  const blockOf = (gap: number) => {
    const level = highestMs > 0 ? Math.ceil((gap / highestMs) * LEVELS.length) : 1;
    return LEVELS[Math.max(1, level) - 1] ?? WAITING;
  };
  if (!longest.has(columnOf(first.t_ms))) longest.set(columnOf(first.t_ms), 0);
  const strip = Array.from({ length: columns }, (_, column) => {
    const gap = longest.get(column);
    return gap === undefined ? WAITING : blockOf(gap);
  });
  return { strip: strip.join(''), axis: axisOf(columnOf(first.t_ms), first.t_ms, end, columns), highestMs };
};

/** The time of the first token below it, and that of the end; the end has the precedence where there is no room. */
const axisOf = (firstAt: number, firstMs: number, endMs: number, columns: number): string => {
  const end = secondsOf(endMs);
  const first = `↑ ${milliseconds(firstMs)}`;
  const at = Math.min(firstAt, columns - end.length - first.length - 2);
  const isRoom = at >= 0;
  const before = isRoom
    ? at === firstAt
      ? `${' '.repeat(at)}${first}`
      : `${' '.repeat(at)}${milliseconds(firstMs)} ↑`
    : '';
  return columns < end.length ? '' : before.padEnd(columns - end.length) + end;
};

/** A long wait between two chunks, with the text around it. */
export type LongGap = { gapMs: number; place: string; text: string };

const BEFORE = 32;

/** The longest gaps of a trace, longest first: how long, before which token or chunk (from 1), and the text around it. */
export const longGapsOf = ({ chunks, longest_gaps }: Pick<Trace, 'chunks' | 'longest_gaps'>): LongGap[] =>
  longest_gaps.map(({ chunk, gap_ms }) => {
    const number = tokensBefore(chunks, chunk);
    const before = printableLine(`|${textBefore(chunks, chunk, BEFORE)}`).slice(1);
    const after = printableLine(chunks[chunk]?.text ?? '');
    return {
      gapMs: gap_ms,
      place: number === null ? `chunk ${chunk + 1}` : `token ${number + 1}`,
      text: `…${before.trimStart()} ▸ ${after}`,
    };
  });

/** The number of tokens before a chunk; null when that of any is not known. */
const tokensBefore = (chunks: Trace['chunks'], at: number): number | null =>
  chunks
    .slice(0, at)
    .reduce<number | null>((sum, { tokens }) => (sum === null || tokens === null ? null : sum + tokens), 0);
