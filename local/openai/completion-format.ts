import type { FinishReason, Scored, ScoredToken } from '../model/generate.ts';
import type { Ngram } from '../model/ngram.ts';

export type WholeChoice = { index: number; text: string; tokens: ScoredToken[]; finish: FinishReason };

/** The shapes of an endpoint's answers: whole ones and the chunks of a stream. */
export type CompletionFormat = {
  idPrefix: string;
  object: string;
  chunkObject: string;
  /** Opens a choice in a stream; plain completions have no such chunk. */
  opening(index: number): object | undefined;
  piece(index: number, text: string, tokens: readonly ScoredToken[]): object;
  closing(index: number, reason: FinishReason): object;
  whole(choice: WholeChoice): object;
};

/** What both endpoints generate from: prompts give `n` choices each, `topLogprobs` undefined means none. */
export type CompletionPlan = {
  prompts: { subject: string; continued: string }[];
  promptTokens: number;
  maxTokens: number;
  topLogprobs: number | undefined;
  format: CompletionFormat;
};

/** True counts; what this server does not have (reasoning, audio, caches, predictions) is zero. */
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

/** A token as text; bytes that are no whole characters come as escapes, as OpenAI shows them. */
const shown = (bytes: Uint8Array, prefix: string): string => {
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
        token: shown(bytes[id] ?? new Uint8Array(), ''),
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
 * `choices[].logprobs` of plain completions: the sampled token is among its `top_logprobs` even if it is less likely;
 * `text_offset` counts from the start of the output. Without alternatives asked for, `top_logprobs` is null.
 */
export const plainLogprobs = (model: Ngram, tokens: readonly ScoredToken[], asked: number) => {
  const name = (id: number): string =>
    id === model.end ? END_OF_TEXT : shown(model.bytes[id] ?? new Uint8Array(), 'bytes:');
  return {
    tokens: tokens.map(({ id }) => name(id)),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs:
      asked === 0
        ? null
        : tokens.map((token) =>
            Object.fromEntries([...token.top, token].map(({ id, logprob }) => [name(id), logprob])),
          ),
    text_offset: tokens.map(({ offset }) => offset),
  };
};
