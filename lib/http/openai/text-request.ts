import * as z from 'zod';
import { InvalidInputError, issuesOf } from '../../errors.ts';
import { dropAbsent } from '../../json/value.ts';
import {
  choicesOf,
  logitBias,
  OWN_RULES,
  ownFields,
  streamOptions,
  streamOptionsOf,
  user,
} from '../../openai/completion-fields.ts';
import { carried, type FieldRule, makeFieldRules, refused, to } from '../../openai/field-rules.ts';
import { requireObject } from '../../runs/request.ts';
import { optional, runRequestSchema, text, whole } from '../../runs/request-schema.ts';
import type { ChatRequest } from './chat-request.ts';

const OF_CHAT = 'is not supported, since a prompt is sent as it is; use /v1/chat/completions';

/** Every field of OpenAI's completion request (https://platform.openai.com/docs/api-reference/completions/create). */
export const TEXT_FIELDS = {
  best_of: to('the answer'),
  echo: to('the answer'),
  frequency_penalty: carried,
  logit_bias: to('extra_body'),
  logprobs: to('top_logprobs'),
  max_tokens: carried,
  model: carried,
  n: to('samples'),
  presence_penalty: carried,
  prompt: carried,
  seed: carried,
  stop: carried,
  stream: carried,
  stream_options: to('the answer'),
  suffix: to('extra_body'),
  temperature: carried,
  top_p: carried,
  user: to('extra_body'),
} as const satisfies Record<string, FieldRule>;

/** The fields of POST /runs that OpenAI's completions do not have. */
export const OWN_TEXT_FIELDS = {
  ...OWN_RULES,
  messages: refused('is not supported here; send one prompt, or use /v1/chat/completions'),
  metadata: carried,
  parallel_tool_calls: refused(OF_CHAT),
  reasoning_effort: refused(OF_CHAT),
  reasoning_summary: refused(OF_CHAT),
  response_format: refused(OF_CHAT),
  store: carried,
  tool_choice: refused(OF_CHAT),
  tools: refused(OF_CHAT),
  top_logprobs: refused('is a field of POST /runs; use logprobs with a number instead'),
} as const satisfies Record<string, FieldRule>;

const RULES = makeFieldRules({ ...TEXT_FIELDS, ...OWN_TEXT_FIELDS });

const ONE_PROMPT =
  'must be one text; send a request for each prompt, or a prompt file (POST /files), and texts in place of token ids';

/** A text, or a list of one. */
const prompt = z.preprocess(
  (given) => (Array.isArray(given) && given.length === 1 ? given[0] : given),
  z
    .string(ONE_PROMPT)
    .refine((given) => given.isWellFormed(), 'must be valid Unicode: it contains a lone surrogate')
    .refine((given) => given.trim() !== '', 'must not be blank'),
);

/** The supported body of POST /v1/completions. */
export const textRequestSchema = z.strictObject({
  prompt,
  ...runRequestSchema.pick({
    model: true,
    max_tokens: true,
    temperature: true,
    top_p: true,
    frequency_penalty: true,
    presence_penalty: true,
    seed: true,
    stop: true,
    stream: true,
  }).shape,
  n: runRequestSchema.shape.samples,
  best_of: optional(
    z.literal(1, 'must be 1, since every output is billed; use n, and choose among its outputs'),
  ),
  echo: optional(
    z.literal(false, 'must be false, since an output is kept as it was generated; put the prompt before it'),
  ),
  logprobs: whole(0, 5),
  logit_bias: logitBias,
  suffix: optional(text()),
  user,
  stream_options: streamOptions,
  ...runRequestSchema.pick({ store: true, metadata: true }).shape,
  ...ownFields,
});

/** OpenAI's default; that of POST /runs is larger. */
const DEFAULT_MAX_TOKENS = 16;

/**
 * Parses the JSON body of a completion of a prompt; null means absent. `parseRunRequest` later checks everything that
 * depends on the deployment, such as the model.
 *
 * @throws {InvalidInputError} listing every wrong or unsupported field.
 */
export const parseTextRequest = (body: unknown): ChatRequest => {
  const { given, ofServer, issues: refusals } = RULES.sort(requireObject(body));
  const parsed = textRequestSchema.safeParse(given);
  const issues = [...refusals, ...(parsed.error ? issuesOf(parsed.error) : [])];
  if (!parsed.success || issues.length > 0) throw new InvalidInputError(issues);
  const { n, logprobs, max_tokens = DEFAULT_MAX_TOKENS } = parsed.data;
  return {
    run: {
      ...RULES.carriedOf(parsed.data),
      max_tokens,
      ...dropAbsent({
        ...choicesOf(parsed.data),
        logprobs: logprobs === undefined ? undefined : true,
        top_logprobs: logprobs === 0 ? undefined : logprobs,
      }),
    },
    count: n ?? 1,
    ...streamOptionsOf(parsed.data),
    tellTier: false,
    asFunctions: false,
    pathOf: RULES.pathsOf(parsed.data, ofServer),
  };
};
