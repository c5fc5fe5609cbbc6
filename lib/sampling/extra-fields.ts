import type { InputIssue } from '../errors.ts';
import { isObject, own } from '../json/value.ts';
import type { Takes } from './catalogue-row.ts';
import { type ServerKind, serverName } from './server.ts';
import type { Endpoint } from './setting.ts';

const LIMIT = 'budgets are reserved by max_tokens and samples';
const MODEL =
  'only the requested model may answer, since prices and ALLOWED_MODELS are for it; set model instead';
const ADDRESS = 'only the operator chooses servers and keys, in PROVIDERS';
const TIER = 'prices and budgets are those of the standard tier';
const STORAGE = 'outputs are stored by everytoken alone';
const HOSTED = 'what a server runs by itself is billed beyond tokens';

/**
 * Fields of `extra_body` that nobody can open: everytoken sets them itself, or they raise what a generation can cost,
 * change who answers or who is asked, or keep the prompt elsewhere. The value is the reason, with the alternative.
 */
const REFUSED = new Map<string, string>([
  ['model', 'set model instead'],
  ['messages', 'set prompt or messages instead'],
  ['prompt', 'set prompt instead'],
  ['stream', 'outputs are always streamed from the model'],
  ['stream_options', 'usage is always asked for'],
  ['n', 'set samples instead'],
  ['max_tokens', 'set max_tokens beside extra_body instead'],
  ['max_completion_tokens', 'set max_tokens beside extra_body instead'],
  ...[
    'max_new_tokens',
    'max_output_tokens',
    'n_predict',
    'num_predict',
    'best_of',
    'use_beam_search',
    'num_beams',
    'num_ctx',
    'echo',
  ].map((field) => [field, LIMIT] as const),
  ...['models', 'fallbacks', 'route', 'provider', 'preset', 'lora', 'adapter_id'].map(
    (field) => [field, MODEL] as const,
  ),
  ...['api_base', 'base_url', 'api_key', 'api_version', 'extra_headers', 'headers', 'organization'].map(
    (field) => [field, ADDRESS] as const,
  ),
  ...['service_tier', 'priority'].map((field) => [field, TIER] as const),
  ['store', STORAGE],
  ...['previous_response_id', 'conversation'].map((field) => [field, STORAGE] as const),
  ...['input', 'instructions'].map((field) => [field, 'set messages instead'] as const),
  ['background', 'set background beside extra_body instead'],
  ['metadata', 'set metadata beside extra_body instead'],
  ...['plugins', 'web_search_options', 'search_settings', 'compound_custom', 'mcp_servers', 'audio'].map(
    (field) => [field, HOSTED] as const,
  ),
]);

/** OpenAI's own fields: we assume that a compatible server which accepts one applies it. */
export const API_FIELDS: readonly string[] = [
  'max_tokens',
  'reasoning_effort',
  'temperature',
  'top_p',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'stop',
  'logprobs',
  'top_logprobs',
  'logit_bias',
  'response_format',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
];

/**
 * Fields beside OpenAI's that each kind of server documents and that raise no limit. `other`: the kind is not
 * configured, so a field passes that any of these servers knows.
 */
const KNOWN: Record<Exclude<ServerKind, 'other'>, readonly string[]> = {
  // https://platform.openai.com/docs/api-reference/chat/create
  openai: [
    'moderation',
    'prediction',
    'prompt_cache_key',
    'prompt_cache_options',
    'prompt_cache_retention',
    'safety_identifier',
    'verbosity',
  ],
  // https://console.groq.com/docs/api-reference#chat-create
  groq: ['citation_options', 'documents', 'include_reasoning', 'reasoning_format'],
  // https://openrouter.ai/docs/api/reference/parameters
  openrouter: [
    'include_reasoning',
    'min_p',
    'reasoning',
    'repetition_penalty',
    'structured_outputs',
    'top_a',
    'transforms',
    'verbosity',
  ],
  // https://docs.together.ai/reference/chat-completions-1
  together: [
    'chat_template_kwargs',
    'context_length_exceeded_behavior',
    'min_p',
    'reasoning',
    'repetition_penalty',
  ],
  // https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html#extra-parameters
  vllm: [
    'add_special_tokens',
    'allowed_token_ids',
    'bad_words',
    'cache_salt',
    'chat_template_kwargs',
    'documents',
    'guided_choice',
    'guided_grammar',
    'guided_json',
    'guided_regex',
    'ignore_eos',
    'include_reasoning',
    'include_stop_str_in_output',
    'length_penalty',
    'min_p',
    'min_tokens',
    'repetition_penalty',
    'skip_special_tokens',
    'spaces_between_special_tokens',
    'stop_token_ids',
    'structured_outputs',
    'truncate_prompt_tokens',
  ],
  // https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
  'llama.cpp': [
    'cache_prompt',
    'chat_template_kwargs',
    'dry_allowed_length',
    'dry_base',
    'dry_multiplier',
    'dry_penalty_last_n',
    'dry_sequence_breakers',
    'dynatemp_exponent',
    'dynatemp_range',
    'grammar',
    'ignore_eos',
    'json_schema',
    'min_keep',
    'min_p',
    'mirostat',
    'mirostat_eta',
    'mirostat_tau',
    'n_probs',
    'parse_tool_calls',
    'reasoning_format',
    'repeat_last_n',
    'repeat_penalty',
    'samplers',
    'top_n_sigma',
    'typical_p',
    'xtc_probability',
    'xtc_threshold',
  ],
  // https://docs.ollama.com/api/openai-compatibility
  ollama: ['reasoning'],
  everytoken: ['pace'],
};

/** Fields that pass to any server. Clients of OpenAI send some of them unasked, and they cost nothing where unknown. */
const OF_ALL_KINDS = new Set([...API_FIELDS, 'top_k', 'user', ...KNOWN.openai]);
const OF_ANY_KIND = new Set(Object.values(KNOWN).flat());

/** How a kind of server treats the fields beside OpenAI's that it documents. */
export const documentedFields = (kind: ServerKind): Record<string, Takes> =>
  kind === 'other' ? {} : Object.fromEntries(KNOWN[kind].map((field) => [field, 'applied']));

/** Fields that completions of a prompt have, and chat completions have not. */
const OF_COMPLETIONS: Record<string, Takes> = { suffix: 'applied' };

/** Fields that the Responses API has, and chat completions have not. */
const OF_RESPONSES: Record<string, Takes> = { truncation: 'applied' };

/** The fields that an endpoint takes beside those of chat completions. */
export const fieldsOfEndpoint = (endpoint: Endpoint | undefined): Record<string, Takes> =>
  endpoint === 'completions' ? OF_COMPLETIONS : endpoint === 'responses' ? OF_RESPONSES : {};

/** Whether any kind of server documents a field. */
export const isDocumented = (field: string): boolean => OF_ALL_KINDS.has(field) || OF_ANY_KIND.has(field);

/** Why a field is never sent to a server; undefined: it may be. */
export const reasonOfRefusal = (field: string): string | undefined => {
  const reason = REFUSED.get(field);
  return reason === undefined ? undefined : `cannot be sent this way; ${reason}`;
};

/** The issues of fields that are never sent to a server; `path` is that of the fields. */
export const refusedFieldIssues = (extraBody: Record<string, unknown>, path = 'extra_body'): InputIssue[] =>
  Object.keys(extraBody).flatMap((field) => {
    const message = reasonOfRefusal(field);
    return message === undefined ? [] : [{ path: `${path}.${field}`, message }];
  });

/**
 * One issue for each field of an `extra_body` that a server is not sent: those that are always refused, and those that
 * neither the server's kind is known to take nor the operator has opened. `extra` is what the catalogue knows of them
 * (`samplingOf`). Empty: all pass.
 */
export const extraBodyIssues = (
  extraBody: Record<string, unknown>,
  { kind, extra }: { kind: ServerKind; extra: Record<string, Takes> },
  path = 'extra_body',
): InputIssue[] => {
  const isKnown = (field: string) =>
    OF_ALL_KINDS.has(field) ||
    own(extra, field) !== undefined ||
    (kind === 'other' && OF_ANY_KIND.has(field));
  return [
    ...refusedFieldIssues(extraBody, path),
    ...Object.entries(extraBody).flatMap(([field, value]) => {
      if (REFUSED.has(field)) return [];
      const problem = isKnown(field) ? problemOf(field, value) : unknownTo(kind);
      return problem === undefined ? [] : [{ path: `${path}.${field}`, message: problem }];
    }),
  ];
};

const unknownTo = (kind: ServerKind): string =>
  `is not a field that ${serverName(kind)} is known to take; leave it out, or have the operator open it in MODEL_CATALOGUE`;

/** Why a known field must not have this value; undefined: it may. */
const problemOf = (field: string, value: unknown): string | undefined => {
  if (field === 'tools' && !isOfFunctions(value))
    return `must be a list of tools of type "function"; ${HOSTED}`;
  if (field === 'chat_template_kwargs' && !isOfFlags(value))
    return 'must be an object of booleans, numbers and texts of up to 64 characters, without chat_template and tokenize';
  if (field === 'reasoning' && isObject(value) && own(value, 'max_tokens') !== undefined)
    return `must not have max_tokens; ${LIMIT}`;
  return undefined;
};

/** Whether arguments of a chat template are flags alone: servers that read `chat_template` here take a whole template. */
const isOfFlags = (value: unknown): boolean =>
  value === null ||
  (isObject(value) &&
    Object.entries(value).every(
      ([name, flag]) =>
        !['chat_template', 'tokenize'].includes(name) &&
        (flag === null ||
          typeof flag === 'boolean' ||
          typeof flag === 'number' ||
          (typeof flag === 'string' && flag.length <= 64)),
    ));

const isOfFunctions = (tools: unknown): boolean =>
  tools === null ||
  (Array.isArray(tools) && tools.every((tool) => isObject(tool) && own(tool, 'type') === 'function'));
