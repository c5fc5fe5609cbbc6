import { IncompleteOutputError } from '../../errors.ts';
import type { TraceChunk, Usage } from '../../runs/generation.ts';

/** An error as OpenAI-compatible servers put it into a body or a stream; any field may be missing. */
export type StreamError = {
  message?: unknown;
  code?: string | number | null;
  type?: string | null;
  param?: string | null;
};

/** A chat completion chunk, of which everything may be missing: servers differ. */
export type StreamEvent = {
  id?: string;
  model?: string;
  error?: StreamError | string | null;
  usage?: {
    prompt_tokens?: number;
    completion_tokens?: number;
    prompt_tokens_details?: { cached_tokens?: number } | null;
    completion_tokens_details?: { reasoning_tokens?: number } | null;
  } | null;
  choices?: {
    finish_reason?: string | null;
    logprobs?: { content?: unknown[] | null; refusal?: unknown[] | null } | null;
    delta?: {
      content?: unknown;
      reasoning_content?: unknown;
      reasoning?: unknown;
      refusal?: unknown;
      tool_calls?: { function?: { arguments?: unknown } | null }[] | null;
      function_call?: { arguments?: unknown } | null;
    } | null;
  }[];
};

/** The parser's own message would quote the output, so it is left out. */
export const parseStreamEvent = (data: string): StreamEvent => {
  let event: unknown;
  try {
    event = JSON.parse(data);
  } catch {
    throw new IncompleteOutputError('the model server sent an event that is not JSON');
  }
  if (typeof event !== 'object' || event === null) {
    throw new IncompleteOutputError('the model server sent an event that is not an object');
  }
  return event;
};

export const streamErrorOf = (event: StreamEvent): StreamError => {
  const error = event.error ?? (event as StreamError);
  return typeof error === 'object' ? error : { message: error };
};

/** Anything but a string is no text. */
export const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export const toolArguments = ({
  tool_calls,
  function_call,
}: NonNullable<NonNullable<StreamEvent['choices']>[0]['delta']>) =>
  (Array.isArray(tool_calls) ? tool_calls : []).map((call) => stringOf(call?.function?.arguments)).join('') +
  stringOf(function_call?.arguments);

/** Null for what is missing or no count; of the output also while it may still grow (`isFinal` false). */
export const usageOf = (usage: StreamEvent['usage'], isFinal: boolean): Usage => ({
  prompt_tokens: countOf(usage?.prompt_tokens),
  completion_tokens: isFinal ? countOf(usage?.completion_tokens) : null,
  reasoning_tokens: isFinal ? countOf(usage?.completion_tokens_details?.reasoning_tokens) : null,
  cached_tokens: countOf(usage?.prompt_tokens_details?.cached_tokens),
});

const countOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null;

type CountedTokens = { tokens: number | null; logprobs?: unknown[] };

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
