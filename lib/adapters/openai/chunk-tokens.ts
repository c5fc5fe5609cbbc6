import type { TraceChunk } from '../../runs/generation.ts';
import type { StreamEvent } from './stream-event.ts';

export type CountedTokens = { tokens: number | null; logprobs?: unknown[] };

/**
 * Counts the tokens of each chunk where the server tells them: by the log probabilities it sends, one entry a token,
 * else by a running usage in every event. Null where it tells neither; a chunk is never taken for a token.
 * Tokens whose event held no text yet (half a character, say) belong to the next chunk.
 */
export const makeTokenCounter = () => {
  let waiting: unknown[] = [];
  let counted: number | null = 0;
  let sawReasoning = false;

  const byUsage = (event: StreamEvent): number | null => {
    const total = event.usage?.completion_tokens;
    if (typeof total !== 'number' || !Number.isInteger(total)) {
      counted = null;
      return null;
    }
    const hidden = sawReasoning ? 0 : (event.usage?.completion_tokens_details?.reasoning_tokens ?? 0);
    const before = counted;
    counted = total - hidden;
    return before !== null && counted > before ? counted - before : null;
  };

  return {
    /** The tokens of one payload; `alone` is false when its event holds others, whose shares nobody knows. */
    count(event: StreamEvent, kind: TraceChunk['kind'], alone: boolean): CountedTokens {
      if (kind === 'reasoning') sawReasoning = true;
      const running = byUsage(event);
      const own = logprobsOf(event, kind);
      if (!alone) return { tokens: null };
      if (own === undefined) return { tokens: running };
      const logprobs = waiting.length === 0 ? own : [...waiting, ...own];
      waiting = [];
      return { tokens: logprobs.length, logprobs };
    },
    /** Takes an event without payload. */
    skip(event: StreamEvent): void {
      const own = logprobsOf(event, undefined);
      if (own !== undefined) waiting = [...waiting, ...own];
    },
  };
};

const logprobsOf = ({ choices }: StreamEvent, kind: TraceChunk['kind']): unknown[] | undefined => {
  const logprobs = choices?.[0]?.logprobs;
  if (!logprobs || kind === 'reasoning' || kind === 'tool') return undefined;
  const entries = kind === 'refusal' ? logprobs.refusal : logprobs.content;
  return Array.isArray(entries) && entries.length > 0 ? entries : undefined;
};
