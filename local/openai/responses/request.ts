import type { JsonObject } from '../../json.ts';
import type { Ngram } from '../../model/ngram.ts';
import type { CompletionPlan, Output } from '../completion-format.ts';
import { type GenerationRequest, readSharedParameters } from '../generation-request.ts';
import { type Message, tokensOf } from '../messages.ts';
import { readFormat } from '../response-format.ts';
import { planCalls, readTools } from '../tools.ts';
import { responsesFormat } from './format.ts';
import { readInput } from './input.ts';
import { echoOf, readResponseParameters } from './parameters.ts';

const DEFAULT_MAX_TOKENS = 4096;

/**
 * Reads a request of the Responses API. Subject and limit are as in a chat: the last user message, or the last item
 * when no user wrote one; 4,096 tokens.
 *
 * @throws {ApiError} 400 that names the invalid parameter.
 */
export const readResponsesRequest = (
  body: JsonObject,
  model: Ngram,
): { request: GenerationRequest; plan: CompletionPlan } => {
  const { instructions, maxTokens, topLogprobs, format, isObfuscated } = readResponseParameters(body);
  const { stream_options: _, ...shared } = body;
  const request = readSharedParameters(shared);
  const input = readInput(body);
  const tools = readTools(body, model, 'flat');
  const responseFormat = readFormat(format, model, {
    param: 'text.format',
    form: 'flat',
    texts: input.map(({ text }) => text),
    unmentioned: {
      message:
        "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
      param: 'input',
    },
    invalidSchema: { param: 'text.format.schema', code: 'invalid_json_schema' },
  });
  const subject = (input.findLast(({ role }) => role === 'user') ?? input.at(-1))?.text ?? '';
  const text: Output = responseFormat ? { kind: 'json', grammar: responseFormat.grammar } : { kind: 'text' };
  const instructing: Message[] =
    instructions === undefined ? [] : [{ role: 'system', text: instructions, calls: [] }];
  return {
    request,
    plan: {
      prompts: [{ subject, continued: '' }],
      maxTokens: maxTokens ?? DEFAULT_MAX_TOKENS,
      topLogprobs,
      output: (tools && planCalls(tools, input)) ?? text,
      format: responsesFormat({
        echo: echoOf(body),
        promptTokens:
          tokensOf([...instructing, ...input]) +
          (tools?.promptTokens ?? 0) +
          (responseFormat?.promptTokens ?? 0),
        withLogprobs: topLogprobs !== undefined,
        isObfuscated,
      }),
    },
  };
};
