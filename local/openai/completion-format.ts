import type { FinishReason, ScoredToken } from '../model/generate.ts';

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
