/**
 * The way of a request's field:
 * - `carried`: to the run, under its own name;
 * - `mapped`: to another field of the run, into its `extra_body` for the model server, or into the answer alone;
 * - `refused`: a 400 with the reason.
 */
type FieldRule = { is: 'carried' } | { is: 'mapped'; to: string } | { is: 'refused'; why: string };

const carried = { is: 'carried' } as const;
const to = <Field extends string>(field: Field) => ({ is: 'mapped', to: field }) as const;
const refused = (why: string) => ({ is: 'refused', why }) as const;

const MEDIA = 'is not supported, since outputs are text and calls of tools';
const HOSTED =
  'is not supported, since a tool that the model server runs by itself is billed beyond tokens; offer a function instead';
const OF_RUNS = 'is a field of POST /runs, and not supported here';

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
  background: refused(OF_RUNS),
  checks: carried,
  extra_body: carried,
  index: carried,
  label: to('settings'),
  prompt: refused('is a field of POST /runs; use messages instead'),
  samples: refused('is a field of POST /runs; use n instead'),
  settings: refused(OF_RUNS),
  strict_sampling: carried,
  top_k: carried,
} as const satisfies Record<string, FieldRule>;

const RULES: ReadonlyMap<string, FieldRule> = new Map(Object.entries({ ...OPENAI_FIELDS, ...OWN_FIELDS }));

/** How a field is treated; undefined for a name that neither OpenAI nor everytoken has. */
export const ruleOf = (name: string): FieldRule | undefined => RULES.get(name);

/** Why a field is refused; undefined for any other. */
export const whyRefused = (name: string): string | undefined => {
  const rule = ruleOf(name);
  return rule?.is === 'refused' ? rule.why : undefined;
};
