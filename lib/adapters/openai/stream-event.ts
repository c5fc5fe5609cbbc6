import { IncompleteOutputError } from '../../errors.ts';
import type { TraceChunk, Usage } from '../../runs/generation.ts';

/** An error in the body or the stream of an OpenAI-compatible server; any field may be missing. */
export type StreamError = {
  message?: unknown;
  code?: string | number | null;
  type?: string | null;
  param?: string | null;
};

/** A chat completion chunk. Servers differ, so any field may be missing. */
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

/**
 * Parses the data of a stream event.
 * @throws {IncompleteOutputError} When it is not a JSON object. The parser's error is left out; it quotes the output.
 */
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

/** The value if it is a string, else ''. */
export const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export const toolArguments = ({
  tool_calls,
  function_call,
}: NonNullable<NonNullable<StreamEvent['choices']>[0]['delta']>) =>
  (Array.isArray(tool_calls) ? tool_calls : []).map((call) => stringOf(call?.function?.arguments)).join('') +
  stringOf(function_call?.arguments);

/**
 * Token counts of a usage object; null when a count is missing or invalid. The counts of the output are null too while
 * they may still grow (`isFinal` false).
 */
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
 * Counts the tokens of each chunk, from the log probabilities (one entry for each token) or else from a running usage
 * in every event. Null when the server sends neither; a chunk never counts as one token. Tokens of an event without
 * text, such as half a character, count towards the next chunk.
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
    /** Tokens of one payload. Null when its event has several payloads (`alone` false), as their shares are unknown. */
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
    /** Takes an event without a payload into account. */
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
