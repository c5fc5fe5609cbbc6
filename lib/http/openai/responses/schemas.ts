import * as z from 'zod';
import type { InputItem } from '../../../openai/responses/item-list.ts';
import type { OutputItem } from '../../../openai/responses/output-items.ts';
import type { ResponseAnswer } from '../../../openai/responses/response.ts';
import { COMPONENTS, schemaOf } from '../../openapi/schema.ts';
import { tokenLogprobSchema } from '../../runs/generation-schemas.ts';
import { runFiguresSchema } from '../chat-schemas.ts';

// Response schemas for openapi.json and tests. No function's bundle contains them.

const status = z.enum(['in_progress', 'completed', 'incomplete']);

const textPart = z.object({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: z.tuple([]).describe('Always empty: annotations are of hosted tools.'),
  logprobs: z
    .array(tokenLogprobSchema)
    .describe('As sent by the model server; empty unless the request includes them.'),
});
const refusalPart = z.object({ type: z.literal('refusal'), refusal: z.string() });
const reasoningTextPart = z.object({ type: z.literal('reasoning_text'), text: z.string() });
const summaryPart = z.object({ type: z.literal('summary_text'), text: z.string() });

const call = { id: z.string(), status, call_id: z.string(), name: z.string() };

const outputItemSchema = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('message'),
      id: z.string(),
      status,
      role: z.literal('assistant'),
      content: z.array(z.discriminatedUnion('type', [textPart, refusalPart])),
    }),
    z.object({
      type: z.literal('reasoning'),
      id: z.string().describe('As its server gave it, where one did.'),
      status: status.exactOptional(),
      summary: z.array(summaryPart),
      content: z
        .array(reasoningTextPart)
        .exactOptional()
        .describe('The reasoning itself, of servers that send it.'),
      encrypted_content: z.string().exactOptional().describe('Only where it is included.'),
    }),
    z.object({ type: z.literal('function_call'), ...call, arguments: z.string() }),
    z.object({ type: z.literal('custom_tool_call'), ...call, input: z.string() }),
  ])
  .describe("An output item in OpenAI's format.")
  .register(COMPONENTS, { id: 'ResponseOutputItem' }) satisfies z.ZodType<OutputItem>;

const inputItemSchema = z.union([
  outputItemSchema,
  z.object({
    type: z.literal('message'),
    id: z.string(),
    status: z.literal('completed'),
    role: z.string(),
    content: z.array(z.object({ type: z.literal('input_text'), text: z.string() })),
  }),
  z.object({
    type: z.enum(['function_call_output', 'custom_tool_call_output']),
    id: z.string(),
    status: z.literal('completed'),
    call_id: z.string(),
    output: z.string(),
  }),
]) satisfies z.ZodType<InputItem>;

const tokens = z.int();
const echo = (description: string) => z.string().nullable().describe(description);
const SENT = 'As the request gave it.';

export const responseSchema = schemaOf<ResponseAnswer>(
  "A run in OpenAI's format, with the settings that were asked for.",
)({
  id: z.string().describe("resp_ followed by the run's id."),
  object: z.literal('response'),
  created_at: z.int().describe('When the run was accepted, in seconds since 1970.'),
  status: z.enum(['queued', 'in_progress', 'completed', 'incomplete', 'failed', 'cancelled']),
  background: z.boolean(),
  completed_at: z.int().nullable().describe('When the output ended, in seconds since 1970.'),
  error: z
    .object({
      code: z.string().describe('server_error, rate_limit_exceeded or invalid_prompt.'),
      message: z.string(),
    })
    .nullable(),
  frequency_penalty: z.number(),
  incomplete_details: z
    .object({ reason: z.string().describe('max_output_tokens or content_filter.') })
    .nullable(),
  instructions: z.string().nullable(),
  max_output_tokens: z.number().nullable().describe('Null where it was left out: 4,096 then.'),
  max_tool_calls: z.number().nullable().describe('Bounds hosted tools, of which there are none.'),
  model: z.string().describe('The model that answered; before that, the one that was asked for.'),
  output: z.array(outputItemSchema),
  parallel_tool_calls: z.boolean(),
  presence_penalty: z.number(),
  previous_response_id: z.string().nullable(),
  prompt_cache_key: echo(SENT),
  prompt_cache_retention: echo(SENT),
  reasoning: z.object({ effort: z.string().nullable(), summary: z.string().nullable() }),
  safety_identifier: echo(SENT),
  service_tier: z.literal('default').describe('Prices and budgets are those of the standard one.'),
  store: z.boolean(),
  temperature: z
    .number()
    .describe("1 where it was left out, as at OpenAI; a model server's own default may differ."),
  text: z.object({
    format: z.looseObject({}),
    verbosity: z.string().exactOptional(),
  }),
  tool_choice: z.unknown(),
  tools: z.array(z.looseObject({})),
  top_logprobs: z.number(),
  top_p: z.number(),
  truncation: z.string(),
  usage: z
    .object({
      input_tokens: tokens,
      input_tokens_details: z.object({ cached_tokens: tokens, cache_write_tokens: tokens }),
      output_tokens: tokens,
      output_tokens_details: z.object({ reasoning_tokens: tokens }),
      total_tokens: tokens,
    })
    .nullable()
    .describe('Null until it is known. Details that the model server does not tell are 0.'),
  user: echo(SENT),
  metadata: z.record(z.string(), z.string()),
  everytoken: runFiguresSchema,
}).register(COMPONENTS, { id: 'Response' });

const inContent = { item_id: z.string(), output_index: z.int(), content_index: z.int() };
const inSummary = { item_id: z.string(), output_index: z.int(), summary_index: z.int() };
const inItem = { item_id: z.string(), output_index: z.int() };
const deltaOnly = {
  delta: z.string(),
  obfuscation: z
    .string()
    .exactOptional()
    .describe('Random characters, with stream_options.include_obfuscation.'),
};

const eventOf = <T extends string, S extends z.core.$ZodLooseShape>(types: readonly [T, ...T[]], shape: S) =>
  z.object({ type: z.enum(types), sequence_number: z.int(), ...shape });

/** One event of a streamed response. */
export const responseEventSchema = z
  .union([
    eventOf(
      [
        'response.created',
        'response.in_progress',
        'response.completed',
        'response.incomplete',
        'response.failed',
      ],
      { response: responseSchema },
    ),
    eventOf(['response.output_item.added', 'response.output_item.done'], {
      output_index: z.int(),
      item: outputItemSchema,
    }),
    eventOf(['response.content_part.added', 'response.content_part.done'], {
      ...inContent,
      part: z.union([textPart, refusalPart, reasoningTextPart]),
    }),
    eventOf(['response.output_text.delta'], {
      ...inContent,
      ...deltaOnly,
      logprobs: z.array(tokenLogprobSchema),
    }),
    eventOf(['response.output_text.done'], {
      ...inContent,
      text: z.string(),
      logprobs: z.array(tokenLogprobSchema),
    }),
    eventOf(['response.refusal.delta', 'response.reasoning_text.delta'], { ...inContent, ...deltaOnly }),
    eventOf(['response.refusal.done'], { ...inContent, refusal: z.string() }),
    eventOf(['response.reasoning_text.done'], { ...inContent, text: z.string() }),
    eventOf(['response.reasoning_summary_part.added', 'response.reasoning_summary_part.done'], {
      ...inSummary,
      part: summaryPart,
    }),
    eventOf(['response.reasoning_summary_text.delta'], { ...inSummary, ...deltaOnly }),
    eventOf(['response.reasoning_summary_text.done'], { ...inSummary, text: z.string() }),
    eventOf(['response.function_call_arguments.delta', 'response.custom_tool_call_input.delta'], {
      ...inItem,
      ...deltaOnly,
    }),
    eventOf(['response.function_call_arguments.done'], {
      ...inItem,
      name: z.string(),
      arguments: z.string(),
    }),
    eventOf(['response.custom_tool_call_input.done'], { ...inItem, input: z.string() }),
    eventOf(['error'], {
      code: z.string().nullable(),
      message: z.string(),
      param: z.string().nullable(),
    }),
  ])
  .describe('An event of a streamed response. The name of its server-sent event is its type.')
  .register(COMPONENTS, { id: 'ResponseEvent' });

export const deletedResponseSchema = z
  .object({ id: z.string(), object: z.literal('response'), deleted: z.literal(true) })
  .register(COMPONENTS, { id: 'DeletedResponse' });

export const inputItemListSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(inputItemSchema),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  })
  .describe('Items that the model was given, without the instructions.')
  .register(COMPONENTS, { id: 'ResponseInputItemList' });
