import * as z from 'zod';
import { isWellFormed } from '../../json/value.ts';
import { messages, optional, runRequestSchema, setting, text } from '../../runs/request-schema.ts';
import { ENCRYPTED_REASONING, TEXT_LOGPROBS } from '../../sampling/responses-fields.ts';
import { user } from '../completion-fields.ts';

const ILL_FORMED = 'must be valid Unicode: it contains a lone surrogate';
const HOSTED =
  'must be "function" or "custom": tools that a model server runs by itself are billed beyond tokens, and no budget bounds them';
const ASIDE =
  'is not supported: it is for tools that a model server runs by itself, and for tools that are found by a search';

/** A tool in the flat form; its further fields are the model server's. */
const tool = z
  .discriminatedUnion(
    'type',
    [
      z.looseObject({
        type: z.literal('function'),
        name: text().min(1).max(128),
        defer_loading: z.literal(false, ASIDE).optional(),
        allowed_callers: z.null(ASIDE).optional(),
      }),
      z.looseObject({ type: z.literal('custom'), name: text().min(1).max(128) }),
    ],
    { error: HOSTED },
  )
  .refine(isWellFormed, ILL_FORMED);

const format = z
  .looseObject({
    type: z.enum(['text', 'json_object', 'json_schema'], 'must be "text", "json_object" or "json_schema"'),
  })
  .refine(({ type, name }) => type !== 'json_schema' || typeof name === 'string', {
    path: ['name'],
    message:
      'is required beside a schema: the format is flat, {"type": "json_schema", "name": …, "schema": …}',
  })
  .refine(isWellFormed, ILL_FORMED);

/** The parts of an answer that it has only where the request, or its reader, includes them. */
export const INCLUDED = [TEXT_LOGPROBS, ENCRYPTED_REASONING] as const;
const include = z.array(
  z.enum(INCLUDED, `must be one of ${INCLUDED.join(', ')}: other tools are not supported`),
);

const summary = optional(z.enum(['auto', 'concise', 'detailed']));

/** The supported body of POST /v1/responses. */
export const responseBodySchema = z.strictObject({
  ...runRequestSchema.pick({
    model: true,
    temperature: true,
    top_p: true,
    top_k: true,
    top_logprobs: true,
    frequency_penalty: true,
    presence_penalty: true,
    seed: true,
    stop: true,
    parallel_tool_calls: true,
    metadata: true,
    store: true,
    stream: true,
    background: true,
    extra_body: true,
    index: true,
    strict_sampling: true,
    checks: true,
  }).shape,
  include: optional(include),
  input: z.unknown(),
  instructions: optional(text()),
  label: optional(setting.shape.label),
  max_output_tokens: runRequestSchema.shape.max_tokens,
  max_tool_calls: optional(z.int().min(1)),
  moderation: optional(z.looseObject({ model: text() })),
  previous_response_id: optional(text().min(1).max(200)),
  prompt_cache_key: optional(text().max(512)),
  prompt_cache_options: optional(z.looseObject({})),
  prompt_cache_retention: optional(text().max(64)),
  reasoning: optional(
    z.strictObject({
      effort: runRequestSchema.shape.reasoning_effort,
      summary,
      generate_summary: summary,
    }),
  ),
  safety_identifier: optional(text().max(512)),
  service_tier: optional(z.enum(['auto', 'default', 'flex', 'scale', 'priority', 'fast', 'ultrafast'])),
  stream_options: optional(z.strictObject({ include_obfuscation: optional(z.boolean()) })),
  text: optional(
    z.strictObject({
      format: optional(format),
      verbosity: optional(z.enum(['low', 'medium', 'high'])),
    }),
  ),
  tool_choice: optional(
    z.union(
      [
        z.enum(['none', 'auto', 'required']),
        z
          .looseObject({ type: z.enum(['function', 'custom', 'allowed_tools']) })
          .refine(isWellFormed, ILL_FORMED),
      ],
      {
        error:
          'must be "none", "auto", "required" or an object of type "function", "custom" or "allowed_tools"',
      },
    ),
  ),
  tools: optional(z.array(tool).max(128)),
  truncation: optional(z.enum(['auto', 'disabled'])),
  user,
});

/** The body with the messages that its input and instructions are, and the conversation before them. */
export const responseRequestSchema = z
  .strictObject({ ...responseBodySchema.shape, messages })
  .refine(({ background, store }) => !(background && store === false), {
    path: ['background'],
    message: 'needs a stored answer, and store is false; leave out background or store',
  });

export type ResponseRequestBody = z.output<typeof responseRequestSchema>;
