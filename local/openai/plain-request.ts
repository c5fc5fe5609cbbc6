import type { JsonObject } from '../json.ts';
import { countTokens } from '../model/tokens.ts';
import { ApiError, missing, wrongType, wrongValue } from './api-error.ts';
import { answersInChunks, type ChunkFormat } from './chunks.ts';
import { type CompletionPlan, plainLogprobs } from './completion-format.ts';
import { type GenerationRequest, readGenerationRequest } from './generation-request.ts';
import { readNumber } from './parameters.ts';

/** OpenAI's default: https://platform.openai.com/docs/api-reference/completions/create */
const DEFAULT_MAX_TOKENS = 16;
const MAX_CHOICES = 128;

const readPrompts = (body: JsonObject): string[] => {
  const prompt: unknown = body.prompt ?? undefined;
  if (prompt === undefined) throw missing('prompt');
  const prompts: unknown[] = Array.isArray(prompt) ? prompt : [prompt];
  if (prompts.length === 0) throw wrongValue('prompt', "Invalid 'prompt': the array cannot be empty.");
  return prompts.map((text) => {
    if (typeof text === 'number' || Array.isArray(text)) {
      throw wrongValue(
        'prompt',
        "Invalid 'prompt': arrays of tokens are not supported by this server, send strings.",
      );
    }
    if (typeof text !== 'string') throw wrongType('prompt', 'string', text);
    return text;
  });
};

const plainFormat = (topLogprobs: number | undefined): ChunkFormat => ({
  idPrefix: 'cmpl-',
  object: 'text_completion',
  chunkObject: 'text_completion',
  head: {},
  opening: () => undefined,
  callOpening: () => ({}),
  piece: (index, { text, tokens }) => ({
    text,
    index,
    logprobs: topLogprobs === undefined ? null : plainLogprobs(tokens, topLogprobs),
    finish_reason: null,
  }),
  closing: (index, reason) => ({ text: '', index, logprobs: null, finish_reason: reason }),
  whole: ({ index, text, tokens, finish }) => ({
    text,
    index,
    logprobs: topLogprobs === undefined ? null : plainLogprobs(tokens, topLogprobs),
    finish_reason: finish,
  }),
});

/**
 * Reads a plain completion request with one prompt or several. A prompt that stops within a sentence is continued from
 * its last tokens; after one that ends a sentence the output starts a new paragraph.
 *
 * @throws {ApiError} 400 that names the invalid parameter.
 */
export const readPlainRequest = (body: JsonObject): { request: GenerationRequest; plan: CompletionPlan } => {
  const request = readGenerationRequest(body, ['prompt']);
  const prompts = readPrompts(body);
  const topLogprobs = readNumber(body, 'logprobs', { kind: 'integer', min: 0, max: 5 });
  if (prompts.length * request.n > MAX_CHOICES) {
    throw new ApiError(
      400,
      `A request has at most ${MAX_CHOICES} choices (prompts times n).`,
      'n',
      'invalid_value',
    );
  }
  const promptTokens = prompts.reduce((sum, prompt) => sum + countTokens(prompt), 0);
  return {
    request,
    plan: {
      prompts: prompts.map((prompt) => ({ subject: prompt, continued: prompt })),
      maxTokens: request.maxTokens ?? DEFAULT_MAX_TOKENS,
      topLogprobs,
      output: { kind: 'text' },
      format: answersInChunks(plainFormat(topLogprobs), { ...request, promptTokens }),
    },
  };
};
