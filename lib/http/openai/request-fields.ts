import { OWN_RULES } from '../../openai/completion-fields.ts';
import { carried, type FieldRule, makeFieldRules, refused, to } from '../../openai/field-rules.ts';

const MEDIA = 'is not supported, since outputs are text and calls of tools';
const HOSTED =
  'is not supported, since a tool that the model server runs by itself is billed beyond tokens; offer a function instead';

/** Every field of OpenAI's chat completion request (https://platform.openai.com/docs/api-reference/chat/create). */
export const OPENAI_FIELDS = {
  audio: refused(MEDIA),
  frequency_penalty: carried,
  function_call: to('tool_choice'),
  functions: to('tools'),
  logit_bias: to('extra_body'),
  logprobs: carried,
  max_completion_tokens: to('max_tokens'),
  max_tokens: carried,
  messages: carried,
  metadata: carried,
  modalities: to('the answer'),
  model: carried,
  moderation: to('extra_body'),
  n: to('samples'),
  parallel_tool_calls: carried,
  prediction: to('extra_body'),
  presence_penalty: carried,
  prompt_cache_key: to('extra_body'),
  prompt_cache_options: to('extra_body'),
  prompt_cache_retention: to('extra_body'),
  reasoning_effort: carried,
  response_format: carried,
  safety_identifier: to('extra_body'),
  seed: carried,
  service_tier: to('the answer'),
  stop: carried,
  store: carried,
  stream: carried,
  stream_options: to('the answer'),
  temperature: carried,
  tool_choice: carried,
  tools: carried,
  top_logprobs: carried,
  top_p: carried,
  user: to('extra_body'),
  verbosity: to('extra_body'),
  web_search_options: refused(HOSTED),
} as const satisfies Record<string, FieldRule>;

/** The fields of POST /runs that OpenAI does not have. */
export const OWN_FIELDS = {
  ...OWN_RULES,
  reasoning_summary: carried,
  prompt: refused('is a field of POST /runs; use messages instead'),
} as const satisfies Record<string, FieldRule>;

export const CHAT_RULES = makeFieldRules({ ...OPENAI_FIELDS, ...OWN_FIELDS });
