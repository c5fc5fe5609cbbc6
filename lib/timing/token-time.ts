import type { Usage } from '../runs/generation.ts';
import type { Marks } from './marks.ts';

type Counts = Pick<Usage, 'completion_tokens' | 'reasoning_tokens'>;

/**
 * Tokens that came over the wire: N = completion tokens by the server's usage, or V = N - R when R reasoning tokens
 * are counted in it but none were streamed. `null` without usage, or with one that contradicts itself (R > N).
 */
export const streamedTokens = (usage: Counts, reasoningStreamed: boolean): number | null => {
  if (usage.completion_tokens === null) return null;
  const streamed = usage.completion_tokens - (reasoningStreamed ? 0 : (usage.reasoning_tokens ?? 0));
  return streamed < 0 ? null : streamed;
};

/**
 * Time per output token, in ms: (tL - t1) / (N - 1); when reasoning is counted but not streamed, (tL - tO) / (V - 1).
 * `null` when the denominator is below 1, or without usage or the marks it needs.
 */
export const tpotMs = ({ t1, tO, tL }: Marks, usage: Counts, reasoningStreamed: boolean): number | null => {
  const tokens = streamedTokens(usage, reasoningStreamed);
  const first = tokens === usage.completion_tokens ? t1 : tO;
  if (tokens === null || tokens < 2 || first === undefined || tL === undefined) return null;
  return (tL - first) / (tokens - 1);
};
