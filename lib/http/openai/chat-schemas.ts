import * as z from 'zod';
import type { chatCompletionOf } from '../../openai/chat-completion.ts';
import { COMPONENTS, schemaOf } from '../openapi/schema.ts';
import { tokenLogprobSchema } from '../runs/generation-schemas.ts';

// Response schemas for openapi.json and tests. No function's bundle contains them.

export const openaiErrorSchema = z
  .object({
    error: z.object({
      message: z.string(),
      type: z
        .string()
        .describe('invalid_request_error, authentication_error, rate_limit_error, server_error …'),
      param: z.string().nullable().describe('The first wrong field, dotted.'),
      code: z
        .string()
        .nullable()
        .describe(
          'One of x-problem-codes, with invalid_api_key instead of forbidden (401); forbidden (403) is that of a valid key which may not call the API.',
        ),
    }),
  })
  .describe("An error in OpenAI's format.")
  .register(COMPONENTS, { id: 'OpenAIError' });

const tokens = z.int();

const chatUsageSchema = z.object({
  prompt_tokens: tokens,
  completion_tokens: tokens,
  total_tokens: tokens,
  prompt_tokens_details: z.object({ cached_tokens: tokens }).exactOptional(),
  completion_tokens_details: z.object({ reasoning_tokens: tokens }).exactOptional(),
});

const serviceTier = z
  .literal('default')
  .describe('Where the request named a tier: prices and budgets are those of the standard one.');

const logprobs = z
  .object({
    content: z.array(tokenLogprobSchema).nullable(),
    refusal: z.array(tokenLogprobSchema).nullable(),
  })
  .nullable()
  .describe('As sent by the model server; null unless requested with logprobs: true.');

export const chatCompletionSchema = schemaOf<ReturnType<typeof chatCompletionOf>>(
  "A run in OpenAI's format, with a choice for each of its generations.",
)({
  id: z.string().describe("chatcmpl- followed by the run's id."),
  object: z.literal('chat.completion'),
  created: z.int().describe('When the run was accepted, in seconds since 1970.'),
  model: z.string().describe('The model that answered.'),
  choices: z.array(
    z.object({
      index: z.int(),
      message: z.object({
        role: z.literal('assistant'),
        content: z.string().nullable(),
        refusal: z.string().nullable(),
      }),
      logprobs,
      finish_reason: z.string().nullable(),
    }),
  ),
  service_tier: serviceTier.exactOptional(),
  usage: chatUsageSchema
    .exactOptional()
    .describe('The sum over all choices; absent when the model server did not report it.'),
}).register(COMPONENTS, { id: 'ChatCompletion' });

/** One event of a streamed response. */
export const chatChunkSchema = z
  .object({
    id: z.string(),
    object: z.literal('chat.completion.chunk'),
    created: z.int(),
    model: z.string(),
    choices: z.array(
      z.object({
        index: z.int(),
        delta: z.object({
          role: z.literal('assistant').exactOptional(),
          content: z.string().exactOptional(),
          refusal: z.string().nullable().exactOptional(),
        }),
        logprobs,
        finish_reason: z.string().nullable(),
      }),
    ),
    service_tier: serviceTier.exactOptional(),
    usage: chatUsageSchema.nullable().exactOptional(),
    obfuscation: z
      .string()
      .exactOptional()
      .describe('Random characters, with stream_options.include_obfuscation.'),
  })
  .register(COMPONENTS, { id: 'ChatCompletionChunk' });

export const openaiModelSchema = z
  .object({
    id: z.string(),
    object: z.literal('model'),
    created: z.int().describe('Always 0: the time is not stored.'),
    owned_by: z.string().describe('default, or a provider name from the PROVIDERS variable.'),
    shutdown_date: z.string().nullable().describe('ISO 8601; null when none is known.'),
  })
  .describe("A model in OpenAI's format.")
  .register(COMPONENTS, { id: 'OpenAIModel' });

export const openaiModelListSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(openaiModelSchema),
  })
  .register(COMPONENTS, { id: 'OpenAIModelList' });
