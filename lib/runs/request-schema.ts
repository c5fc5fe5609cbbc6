import * as z from 'zod';
import { checkSchema } from '../checks/check.ts';
import { messageOf } from '../errors.ts';
import { dropAbsent, isObject, isWellFormed, own } from '../json/value.ts';

export const MAX_GENERATIONS = 64;

const ILL_FORMED = 'must be valid Unicode: it contains a lone surrogate';
export const MAX_CONVERSATION = 200;
export const text = () => z.string().refine(isWellFormed, ILL_FORMED);

/** An optional field. In every request, `null` means absent. */
export const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === null ? undefined : value), schema.optional());

const range = (schema: z.ZodNumber, min: number, max: number, what: string) =>
  optional(
    schema
      .min(min, `must be ${what} from ${min} to ${max}`)
      .max(max, `must be ${what} from ${min} to ${max}`),
  );
const number = (min: number, max: number) => range(z.number('must be a number'), min, max, 'a number');
export const whole = (min: number, max: number) =>
  range(z.int('must be a whole number'), min, max, 'a whole number');

const MAX_TOOLS = 128;
const MAX_CALLS = 128;

const toolName = text().min(1).max(128);
const HOSTED =
  'must be "function" or "custom": tools that a model server runs by itself are billed beyond tokens, and no budget bounds them';

/** A tool as OpenAI's chat completions describe it. Further fields are the model server's, and sent to it unread. */
const tool = z
  .discriminatedUnion(
    'type',
    [
      z.looseObject({ type: z.literal('function'), function: z.looseObject({ name: toolName }) }),
      z.looseObject({ type: z.literal('custom'), custom: z.looseObject({ name: toolName }) }),
    ],
    { error: HOSTED },
  )
  .refine(isWellFormed, ILL_FORMED);

const toolChoice = z.union(
  [
    z.enum(['none', 'auto', 'required']),
    z.looseObject({ type: z.enum(['function', 'custom', 'allowed_tools']) }).refine(isWellFormed, ILL_FORMED),
  ],
  {
    error: 'must be "none", "auto", "required" or an object of type "function", "custom" or "allowed_tools"',
  },
);

/** Sampling fields: of a run for all its settings, or of one setting, which override the run's. */
const sampling = {
  model: optional(text().min(1).max(200)),
  reasoning_effort: optional(z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'])),
  reasoning_summary: optional(z.enum(['auto', 'concise', 'detailed'])),
  max_tokens: whole(1, 131_072),
  temperature: number(0, 2),
  top_p: number(0, 1),
  top_k: optional(z.int('must be a whole number').min(1, 'must be at least 1')),
  frequency_penalty: number(-2, 2),
  presence_penalty: number(-2, 2),
  seed: optional(z.int()),
  stop: optional(
    z.preprocess(
      (value) => (typeof value === 'string' ? [value] : value),
      z.array(text().min(1)).min(1).max(4),
    ),
  ),
  logprobs: optional(z.boolean()),
  top_logprobs: whole(0, 20),
  response_format: optional(
    z.looseObject({ type: z.enum(['text', 'json_object', 'json_schema']) }).refine(isWellFormed, ILL_FORMED),
  ),
  tools: optional(z.array(tool).min(1).max(MAX_TOOLS)),
  tool_choice: optional(toolChoice),
  parallel_tool_calls: optional(z.boolean()),
  extra_body: optional(z.record(z.string(), z.unknown()).refine(isWellFormed, ILL_FORMED)),
};

const MAX_PAIRS = 16;
const key = text().min(1).max(64);
const value = text().max(512);
const pairs = z.record(key, value);

/** Keys are the caller's own, so `__proto__` is one as any other, which Zod's records would leave out. */
export const metadataSchema = z
  .custom<Record<string, string>>()
  .superRefine((given, { addIssue }) => {
    const refuse = (issues: readonly z.core.$ZodIssue[] = [], at: string[] = []) => {
      for (const issue of issues)
        addIssue({ code: 'custom', path: [...at, ...issue.path], message: messageOf(issue) });
    };
    refuse(pairs.safeParse(given).error?.issues);
    if (!isObject(given)) return;
    if (Object.hasOwn(given, '__proto__'))
      refuse(value.safeParse(own(given, '__proto__')).error?.issues, ['__proto__']);
    if (Object.keys(given).length > MAX_PAIRS)
      addIssue({ code: 'custom', message: `must have at most ${MAX_PAIRS} pairs` });
  })
  .meta({
    type: 'object',
    propertyNames: { type: 'string', minLength: 1, maxLength: 64 },
    additionalProperties: { type: 'string', maxLength: 512 },
  });

const toolCall = z.discriminatedUnion('type', [
  z.strictObject({
    id: text().min(1).max(512),
    type: z.literal('function'),
    function: z.strictObject({ name: toolName, arguments: text() }),
  }),
  z.strictObject({
    id: text().min(1).max(512),
    type: z.literal('custom'),
    custom: z.strictObject({ name: toolName, input: text() }),
  }),
]);

const MAX_REASONING = 128;
const reasoningItem = z
  .strictObject({
    id: text().min(1).max(512),
    summary: z.array(text()).max(100),
    encrypted_content: optional(text()),
  })
  .transform((item) => dropAbsent(item));

const name = optional(text().max(64));
/** May be empty, as in OpenAI's API: an answer without text is sent back so. */
const content = text();

export const message = z.discriminatedUnion(
  'role',
  [
    z.strictObject({ role: z.enum(['system', 'developer', 'user']), content, name }),
    z.strictObject({
      role: z.literal('assistant'),
      /** Null or absent beside calls of tools, as OpenAI writes it. */
      content: z.preprocess((given) => given ?? '', content),
      name,
      tool_calls: optional(z.array(toolCall).min(1).max(MAX_CALLS)),
      reasoning: optional(z.array(reasoningItem).max(MAX_REASONING)),
    }),
    z.strictObject({ role: z.literal('tool'), content, tool_call_id: text().min(1).max(512) }),
  ],
  { error: 'must be one of "system", "developer", "user", "assistant" and "tool"' },
);

export const messages = z.array(message).min(1).max(1_000);

export const setting = z.strictObject({ label: text().min(1).max(100), ...sampling });

/** The body of POST /runs. */
export const runRequestSchema = z.strictObject({
  prompt: optional(text().refine((prompt) => prompt.trim() !== '', 'must not be blank')),
  messages: optional(messages),
  ...sampling,
  settings: optional(z.array(setting).min(1).max(MAX_GENERATIONS)),
  samples: whole(1, MAX_GENERATIONS),
  stream: optional(z.boolean()),
  background: optional(z.boolean()),
  index: optional(z.boolean()),
  store: optional(z.boolean()),
  strict_sampling: optional(z.boolean()),
  checks: optional(z.array(checkSchema).min(1).max(20)),
  metadata: optional(metadataSchema),
  conversation: optional(text().min(1).max(MAX_CONVERSATION)),
});

/**
 * Settings of a response by OpenAI's Responses API that a run has no field for: they are told back with the answer, as
 * they were given. `has_instructions`: the first message is the instructions.
 */
const responseBlock = z.object({
  has_instructions: z.boolean().exactOptional(),
  previous_response_id: z.string().exactOptional(),
  background: z.boolean().exactOptional(),
  include: z.array(z.string()).exactOptional(),
  max_output_tokens: z.number().exactOptional(),
  max_tool_calls: z.number().exactOptional(),
  parallel_tool_calls: z.boolean().exactOptional(),
  tool_choice: z.unknown().exactOptional(),
  truncation: z.string().exactOptional(),
});

/**
 * A request as it is stored. Where its generations are asked from, and that it is a response, is for a route to say, not
 * for a body.
 */
export const storedRequestSchema = runRequestSchema.extend({
  endpoint: z.literal('completions').exactOptional(),
  response: responseBlock.exactOptional(),
});

export type ResponseBlock = z.output<typeof responseBlock>;
export type RunRequestBody = z.output<typeof runRequestSchema>;
export type StoredRequestBody = z.output<typeof storedRequestSchema>;
export type SamplingField = keyof typeof sampling;
