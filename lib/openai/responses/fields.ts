import { OWN_RULES } from '../completion-fields.ts';
import { carried, type FieldRule, makeFieldRules, refused, to } from '../field-rules.ts';

const STATE = 'is not supported; use previous_response_id, or send all items as input';

/** Every field of OpenAI's request for a response (https://platform.openai.com/docs/api-reference/responses/create). */
export const RESPONSE_FIELDS = {
  access_programs: refused('is not supported, since it is for an account at OpenAI'),
  background: to('background'),
  context_management: refused(STATE),
  conversation: refused(
    `${STATE}; the header x-everytoken-conversation names a conversation for lists of runs`,
  ),
  image: refused('is not supported, since outputs are text and calls of tools'),
  include: to('the answer'),
  input: to('messages'),
  instructions: to('messages'),
  max_output_tokens: to('max_tokens'),
  max_tool_calls: to('the answer'),
  metadata: carried,
  model: carried,
  moderation: to('extra_body'),
  parallel_tool_calls: to('parallel_tool_calls'),
  previous_response_id: to('messages'),
  prompt: refused('is not supported, since templates are stored at OpenAI; send input and instructions'),
  prompt_cache_key: to('extra_body'),
  prompt_cache_options: to('extra_body'),
  prompt_cache_retention: to('extra_body'),
  reasoning: to('reasoning_effort'),
  safety_identifier: to('extra_body'),
  service_tier: to('the answer'),
  store: carried,
  stream: carried,
  stream_options: to('the answer'),
  temperature: carried,
  text: to('response_format'),
  tool_choice: to('tool_choice'),
  tools: to('tools'),
  top_logprobs: carried,
  top_p: carried,
  truncation: to('the answer'),
  user: to('extra_body'),
} as const satisfies Record<string, FieldRule>;

/** The fields of POST /runs that the Responses API does not have, and those of chat completions with another name here. */
export const OWN_RESPONSE_FIELDS = {
  checks: carried,
  extra_body: carried,
  frequency_penalty: carried,
  index: carried,
  label: OWN_RULES.label,
  logprobs: refused('is not a field of responses; use include: ["message.output_text.logprobs"]'),
  max_tokens: refused('is not a field of responses; use max_output_tokens'),
  max_completion_tokens: refused('is not a field of responses; use max_output_tokens'),
  messages: refused('is not a field of responses; use input'),
  n: refused('is not a field of responses; a response has one output'),
  presence_penalty: carried,
  reasoning_effort: refused('is not a field of responses; use reasoning: {"effort": …}'),
  reasoning_summary: refused('is not a field of responses; use reasoning: {"summary": …}'),
  response_format: refused('is not a field of responses; use text: {"format": …}'),
  samples: refused('is a field of POST /runs; a response has one output'),
  seed: carried,
  settings: OWN_RULES.settings,
  stop: carried,
  strict_sampling: carried,
  top_k: carried,
} as const satisfies Record<string, FieldRule>;

export const RESPONSE_RULES = makeFieldRules({ ...RESPONSE_FIELDS, ...OWN_RESPONSE_FIELDS });
