import type { TraceChunk, Usage } from '../runs/generation.ts';
import { streamedTokens } from './token-time.ts';

/**
 * The chunks as they are, unless they hold more tokens than the server's own usage has for what was streamed: then
 * one of the two is wrong, nobody knows which, and the chunks' counts become unknown.
 */
export const withinUsage = (chunks: TraceChunk[], usage: Usage): TraceChunk[] => {
  const streamed = streamedTokens(
    usage,
    chunks.some(({ kind }) => kind === 'reasoning'),
  );
  const counted = chunks.reduce((sum, { tokens }) => sum + (tokens ?? 0), 0);
  return streamed === null || counted <= streamed
    ? chunks
    : chunks.map((chunk) => ({ ...chunk, tokens: null }));
};
