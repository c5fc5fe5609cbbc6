import type { FinishReason, Scored, ScoredToken } from '../model/generate.ts';
import type { Ngram } from '../model/ngram.ts';

export type WholeChoice = { index: number; text: string; tokens: ScoredToken[]; finish: FinishReason };

/** The shapes of an endpoint's answers: of whole ones, and of the chunks of a stream. */
export type CompletionFormat = {
  idPrefix: string;
  object: string;
  chunkObject: string;
  /** The chunk that opens a choice in a stream; `undefined` for plain completions, which have none. */
  opening(index: number): object | undefined;
  piece(index: number, text: string, tokens: readonly ScoredToken[]): object;
  closing(index: number, reason: FinishReason): object;
  whole(choice: WholeChoice): object;
};

/** The input of a generation for either endpoint. Each prompt gives `n` choices; without `topLogprobs` no logprobs. */
export type CompletionPlan = {
  prompts: { subject: string; continued: string }[];
  promptTokens: number;
  maxTokens: number;
  topLogprobs: number | undefined;
  format: CompletionFormat;
};

/** Usage with real counts. Features that this server lacks (reasoning, audio, caches, predictions) count zero. */
export const usageOf = (promptTokens: number, completionTokens: number) => ({
  prompt_tokens: promptTokens,
  completion_tokens: completionTokens,
  total_tokens: promptTokens + completionTokens,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
});

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A token as text. Bytes that are not whole characters are escaped, as OpenAI does. */
const tokenText = (bytes: Uint8Array, prefix: string): string => {
  try {
    return strict.decode(bytes);
  } catch {
    return prefix + Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  }
};

const END_OF_TEXT = '<|endoftext|>';

const chatEntry = ({ bytes, end }: Ngram, { id, logprob }: Scored) =>
  id === end
    ? { token: END_OF_TEXT, logprob, bytes: null }
    : {
        token: tokenText(bytes[id] ?? new Uint8Array(), ''),
        logprob,
        bytes: Array.from(bytes[id] ?? []),
      };

/** `choices[].logprobs` of chat completions. */
export const chatLogprobs = (model: Ngram, tokens: readonly ScoredToken[]) => ({
  content: tokens.map((token) => ({
    ...chatEntry(model, token),
    top_logprobs: token.top.map((scored) => chatEntry(model, scored)),
  })),
  refusal: null,
});

/**
 * `choices[].logprobs` of plain completions. `top_logprobs` always contains the sampled token, and is null when no
 * alternatives were requested. `text_offset` counts from the start of the output.
 */
export const plainLogprobs = (model: Ngram, tokens: readonly ScoredToken[], alternatives: number) => {
  const name = (id: number): string =>
    id === model.end ? END_OF_TEXT : tokenText(model.bytes[id] ?? new Uint8Array(), 'bytes:');
  return {
    tokens: tokens.map(({ id }) => name(id)),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs:
      alternatives === 0
        ? null
        : tokens.map((token) =>
            Object.fromEntries([...token.top, token].map(({ id, logprob }) => [name(id), logprob])),
          ),
    text_offset: tokens.map(({ offset }) => offset),
  };
};
