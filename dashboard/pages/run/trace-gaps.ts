import type { Trace, TraceChunk } from '../../../client/index.ts';
import { tokensOf } from '../../parts/tokens.ts';

/** The times between a chunk and the next, in ms. */
export const gapsOf = (chunks: readonly { t_ms: number }[]): number[] =>
  chunks.slice(1).map(({ t_ms }, at) => t_ms - (chunks[at]?.t_ms ?? t_ms));

export const CONTEXT_CHARACTERS = 40;

/** A long gap between two chunks: the words around it, and the place of the token after it among the visible ones. */
export type NamedGap = {
  chunk: number;
  gap_ms: number;
  before: string;
  after: string;
  token: number | undefined;
};

export const longestGapsOf = ({ chunks, longest_gaps }: Pick<Trace, 'chunks' | 'longest_gaps'>): NamedGap[] =>
  longest_gaps.map(({ chunk, gap_ms }) => ({
    chunk,
    gap_ms,
    before: textOf(chunks.slice(Math.max(0, chunk - CONTEXT_CHARACTERS), chunk)).slice(-CONTEXT_CHARACTERS),
    after: textOf(chunks.slice(chunk, chunk + CONTEXT_CHARACTERS)).slice(0, CONTEXT_CHARACTERS),
    token: chunks[chunk]?.kind === undefined ? tokensOf(chunks.slice(0, chunk)).length : undefined,
  }));

const textOf = (chunks: readonly TraceChunk[]): string => chunks.map(({ text }) => text).join('');
