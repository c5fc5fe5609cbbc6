import * as z from 'zod';
import type { chatCompletionOf } from '../../openai/chat-completion.ts';
import type { ChoiceFigures, RunFigures } from '../../openai/run-figures.ts';
import { COMPONENTS, schemaOf } from '../openapi/schema.ts';
import { timingSchema, tokenLogprobSchema, toolCallSchema } from '../runs/generation-schemas.ts';

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

export const chatUsageSchema = z.object({
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

const functionCall = z.object({ name: z.string(), arguments: z.string() });

const cost = (description: string) => z.number().nullable().describe(`${description} US dollars.`);

const choiceFiguresSchema = schemaOf<ChoiceFigures>()({
  index: z.int(),
  timing: timingSchema.nullable(),
  cost_usd: cost('Null when the price is unknown.'),
});

export const runFiguresSchema = schemaOf<RunFigures>("The run's figures, as in GET /runs/{id}.")({
  run_id: z.string(),
  timing: timingSchema.nullable().describe('Of the first choice.'),
  cost_usd: cost('Of all choices; null when a price is unknown.'),
  generations: z
    .array(choiceFiguresSchema)
    .exactOptional()
    .describe('Those of each choice; only with several.'),
}).register(COMPONENTS, { id: 'RunFigures' });

/** A whole answer. */
export type ChatAnswer = ReturnType<typeof chatCompletionOf> & {
  service_tier?: 'default';
  everytoken: RunFigures;
};

export const chatCompletionSchema = schemaOf<ChatAnswer>(
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
        content: z.string().nullable().describe('Null beside a refusal or calls of tools without text.'),
        refusal: z.string().nullable(),
        tool_calls: z.array(toolCallSchema).exactOptional(),
        function_call: functionCall
          .exactOptional()
          .describe('Instead of tool_calls where the request has functions.'),
      }),
      logprobs,
      finish_reason: z.string().nullable(),
    }),
  ),
  service_tier: serviceTier.exactOptional(),
  usage: chatUsageSchema
    .exactOptional()
    .describe('The sum over all choices; absent when the model server did not report it.'),
  everytoken: runFiguresSchema,
}).register(COMPONENTS, { id: 'ChatCompletion' });

const functionDelta = z
  .object({ name: z.string().exactOptional(), arguments: z.string().exactOptional() })
  .exactOptional();

const callDelta = z.object({
  index: z.int().describe('The place of the call among those of its choice.'),
  id: z.string().exactOptional(),
  type: z.enum(['function', 'custom']).exactOptional(),
  function: functionDelta,
  custom: z.object({ name: z.string().exactOptional(), input: z.string().exactOptional() }).exactOptional(),
});

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
          content: z.string().nullable().exactOptional(),
          refusal: z.string().nullable().exactOptional(),
          tool_calls: z.array(callDelta).exactOptional(),
          function_call: functionDelta,
        }),
        logprobs,
        finish_reason: z.string().nullable(),
      }),
    ),
    service_tier: serviceTier.exactOptional(),
    usage: chatUsageSchema.nullable().exactOptional(),
    everytoken: runFiguresSchema.exactOptional().describe('Beside the usage in the last chunk.'),
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
