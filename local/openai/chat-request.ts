import type { JsonObject } from '../json.ts';
import type { Ngram } from '../model/ngram.ts';
import { wrongValue } from './api-error.ts';
import { chatFormat } from './chat-format.ts';
import { answersInChunks } from './chunks.ts';
import type { CompletionPlan, Output } from './completion-format.ts';
import { type GenerationRequest, readGenerationRequest } from './generation-request.ts';
import { readMessages, tokensOf } from './messages.ts';
import { readBoolean, readNumber } from './parameters.ts';
import { readResponseFormat } from './response-format.ts';
import { planCalls, readTools } from './tools.ts';
import {
  readUnusedChatParameters,
  readUnusedParameters,
  UNUSED_CHAT_PARAMETERS,
  UNUSED_PARAMETERS,
} from './unused-parameters.ts';

const DEFAULT_MAX_TOKENS = 4096;

/** Parameters of chat completions only. */
const CHAT_PARAMETERS = [
  'messages',
  'max_completion_tokens',
  'top_logprobs',
  'response_format',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  ...UNUSED_PARAMETERS,
  ...UNUSED_CHAT_PARAMETERS,
];

const readTopLogprobs = (body: JsonObject): number | undefined => {
  const wanted = readBoolean(body, 'logprobs');
  const top = readNumber(body, 'top_logprobs', { kind: 'integer', min: 0, max: 20 });
  if (top !== undefined && !wanted) {
    throw wrongValue(
      'top_logprobs',
      "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
    );
  }
  return wanted ? (top ?? 0) : undefined;
};

/**
 * Reads a chat request. Its subject is the last user message, or the last message when no user wrote one. The output
 * always starts a new paragraph. Without a limit in the request an answer has at most 4,096 tokens.
 *
 * @throws {ApiError} 400 that names the invalid parameter.
 */
export const readChatRequest = (
  body: JsonObject,
  model: Ngram,
): { request: GenerationRequest; plan: CompletionPlan } => {
  const request = readGenerationRequest(body, CHAT_PARAMETERS);
  readUnusedParameters(body);
  readUnusedChatParameters(body);
  const messages = readMessages(body);
  const tools = readTools(body, model, 'nested');
  const responseFormat = readResponseFormat(
    body,
    model,
    messages.map(({ text }) => text),
  );
  const topLogprobs = readTopLogprobs(body);
  const subject = (messages.findLast(({ role }) => role === 'user') ?? messages.at(-1))?.text ?? '';
  const text: Output = responseFormat ? { kind: 'json', grammar: responseFormat.grammar } : { kind: 'text' };
  const output = (tools && planCalls(tools, messages)) ?? text;
  const promptTokens = tokensOf(messages) + (tools?.promptTokens ?? 0) + (responseFormat?.promptTokens ?? 0);
  return {
    request,
    plan: {
      prompts: [{ subject, continued: '' }],
      maxTokens: request.maxTokens ?? DEFAULT_MAX_TOKENS,
      topLogprobs,
      output,
      format: answersInChunks(chatFormat(topLogprobs !== undefined, output.kind === 'calls'), {
        ...request,
        promptTokens,
      }),
    },
  };
};
