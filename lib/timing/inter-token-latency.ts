import type { TraceChunk } from '../runs/generation.ts';

/**
 * Inter-token latency samples in ms: a chunk of k tokens that came g ms after the one before it gives k samples of
 * g / k. `null` as soon as one such k is unknown: a chunk is never taken for a token.
 */
export const interTokenLatenciesMs = (
  chunks: readonly Pick<TraceChunk, 't_ms' | 'tokens'>[],
): number[] | null => {
  const samples: number[] = [];
  for (const [at, { t_ms, tokens }] of chunks.entries()) {
    if (tokens === null) return null;
    const before = chunks[at - 1];
    if (before === undefined) continue;
    const share = (t_ms - before.t_ms) / tokens;
    for (let token = 0; token < tokens; token++) samples.push(share);
  }
  return samples;
};
