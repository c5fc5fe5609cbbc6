import * as z from 'zod';
import { logitBias, ownFields, streamOptions, user } from '../../openai/completion-fields.ts';
import { messages, optional, runRequestSchema, text } from '../../runs/request-schema.ts';

/** OpenAI's fields that a run has no name for; passed on to the model server unchanged. */
const passed = {
  logit_bias: logitBias,
  verbosity: optional(z.enum(['low', 'medium', 'high'])),
  user,
  safety_identifier: optional(text().max(512)),
  prompt_cache_key: optional(text().max(512)),
  prompt_cache_retention: optional(text().max(64)),
  prompt_cache_options: optional(z.looseObject({})),
  prediction: optional(z.looseObject({ type: z.literal('content') })),
  moderation: optional(z.looseObject({ model: text() })),
};

/** The supported body of POST /v1/chat/completions: OpenAI's names with the rules of a run. */
export const chatRequestSchema = z
  .strictObject({
    messages,
    ...runRequestSchema.pick({
      model: true,
      max_tokens: true,
      temperature: true,
      top_p: true,
      frequency_penalty: true,
      presence_penalty: true,
      seed: true,
      stop: true,
      logprobs: true,
      top_logprobs: true,
      response_format: true,
      tools: true,
      tool_choice: true,
      parallel_tool_calls: true,
      reasoning_effort: true,
      reasoning_summary: true,
      metadata: true,
      store: true,
      stream: true,
    }).shape,
    max_completion_tokens: runRequestSchema.shape.max_tokens,
    ...passed,
    functions: optional(z.array(z.looseObject({ name: text() })).min(1)),
    function_call: optional(z.union([z.enum(['none', 'auto']), z.looseObject({ name: text() })])),
    n: runRequestSchema.shape.samples,
    stream_options: streamOptions,
    modalities: optional(z.tuple([z.literal('text')], 'must be ["text"], since outputs are text only')),
    service_tier: optional(z.enum(['auto', 'default', 'flex', 'scale', 'priority', 'fast'])),
    ...ownFields,
  })
  .refine(({ max_tokens, max_completion_tokens: own }) => max_tokens === undefined || own === undefined, {
    path: ['max_tokens'],
    message: 'must be left out when max_completion_tokens is given',
  })
  .refine(({ functions, tools }) => functions === undefined || tools === undefined, {
    path: ['functions'],
    message: 'must be left out when tools is given',
  })
  .refine(({ function_call, tool_choice }) => function_call === undefined || tool_choice === undefined, {
    path: ['function_call'],
    message: 'must be left out when tool_choice is given',
  })
  .refine(({ logprobs, top_logprobs }) => top_logprobs === undefined || logprobs === true, {
    path: ['top_logprobs'],
    message: 'needs logprobs: true',
  });

export type ChatRequestBody = z.output<typeof chatRequestSchema>;
