import { isObject, type JsonObject, own } from '../../json.ts';
import { ApiError, wrongType, wrongValue } from '../api-error.ts';
import { readBoolean, readNumber, requireValue, unknownParameter } from '../parameters.ts';
import { readFields } from '../schemas.ts';
import { readUnusedParameters, UNUSED_PARAMETERS } from '../unused-parameters.ts';

/** Beside OpenAI's parameters, those by which vLLM and this server sample and pace. */
const PARAMETERS = [
  ...[
    'model',
    'input',
    'instructions',
    'max_output_tokens',
    'temperature',
    'top_p',
    'stream',
    'stream_options',
  ],
  ...['tools', 'tool_choice', 'parallel_tool_calls', 'text', 'include', 'top_logprobs'],
  ...['reasoning', 'truncation', 'max_tool_calls', 'background', 'previous_response_id', 'user'],
  ...['top_k', 'seed', 'frequency_penalty', 'presence_penalty', 'pace'],
  ...UNUSED_PARAMETERS,
];

const INCLUDABLE = [
  'file_search_call.results',
  'web_search_call.results',
  'web_search_call.action.sources',
  'message.input_image.image_url',
  'computer_call_output.output.image_url',
  'code_interpreter_call.outputs',
  'reasoning.encrypted_content',
  'message.output_text.logprobs',
];

const readInclude = (body: JsonObject): string[] => {
  const include = body.include ?? [];
  if (!Array.isArray(include)) throw wrongType('include', 'array', include);
  return include.map((each, at) => {
    if (INCLUDABLE.includes(each)) return each;
    const supported = INCLUDABLE.map((name) => `'${name}'`).join(', ');
    throw wrongValue(
      `include[${at}]`,
      `Invalid value: ${JSON.stringify(each)}. Supported values are: ${supported}.`,
    );
  });
};

/** Checks the values of an object's fields: each is one of a few, absent or null. */
const readChoices = (
  body: JsonObject,
  param: string,
  choices: Record<string, readonly string[]>,
  others: readonly string[] = [],
): JsonObject => {
  const given = own(body, param) ?? {};
  const fields = readFields(given, param, [...Object.keys(choices), ...others]);
  for (const [name, values] of Object.entries(choices))
    requireValue({ [`${param}.${name}`]: own(fields, name) }, `${param}.${name}`, values);
  return fields;
};

const SUMMARIES = ['auto', 'concise', 'detailed'];

const readStreamOptions = (body: JsonObject): boolean => {
  const options = body.stream_options ?? undefined;
  if (options === undefined) return false;
  if (!readBoolean(body, 'stream'))
    throw wrongValue(
      'stream_options',
      "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
    );
  return readBoolean(readFields(options, 'stream_options', ['include_obfuscation']), 'include_obfuscation');
};

const refusePrevious = (body: JsonObject): void => {
  const previous = body.previous_response_id ?? undefined;
  if (previous === undefined) return;
  if (typeof previous !== 'string') throw wrongType('previous_response_id', 'string', previous);
  throw new ApiError(
    400,
    `Previous response with id '${previous.slice(0, 80)}' not found.`,
    'previous_response_id',
    'previous_response_not_found',
  );
};

/** The parameters of the Responses API that other endpoints lack, apart from input and tools. */
export type ResponseParameters = {
  instructions: string | undefined;
  maxTokens: number | undefined;
  /** The number of likeliest tokens beside each; `undefined` when no logprobs are asked for. */
  topLogprobs: number | undefined;
  /** The value of `text.format`. */
  format: unknown;
  /** Whether events of deltas are padded, which hides the lengths of tokens from those who watch the network. */
  isObfuscated: boolean;
};

/**
 * Reads these parameters, and checks those without effect.
 *
 * @throws {ApiError} 400 that names the first parameter that is unknown, invalid or not supported.
 */
export const readResponseParameters = (body: JsonObject): ResponseParameters => {
  const unknown = Object.keys(body).find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) throw unknownParameter(unknown);
  readUnusedParameters(body);
  refusePrevious(body);
  requireValue(body, 'background', [false]);
  requireValue(body, 'truncation', ['auto', 'disabled']);
  readNumber(body, 'max_tool_calls', { kind: 'integer', min: 1, max: Number.MAX_SAFE_INTEGER });
  readChoices(body, 'reasoning', { effort: ['none'], summary: SUMMARIES, generate_summary: SUMMARIES });
  const { format } = readChoices(body, 'text', { verbosity: ['low', 'medium', 'high'] }, ['format']);
  const instructions = body.instructions ?? undefined;
  if (instructions !== undefined && typeof instructions !== 'string')
    throw wrongType('instructions', 'string', instructions);
  const top = readNumber(body, 'top_logprobs', { kind: 'integer', min: 0, max: 20 });
  const includesLogprobs = readInclude(body).includes('message.output_text.logprobs');
  return {
    instructions,
    maxTokens: readNumber(body, 'max_output_tokens', { kind: 'integer', min: 16, max: 131_072 }),
    topLogprobs: includesLogprobs ? (top ?? 0) : undefined,
    format,
    isObfuscated: readStreamOptions(body),
  };
};

/** The parameters as an answer repeats them, with OpenAI's defaults; nothing is stored, whatever `store` says. */
export const echoOf = (body: JsonObject): object => {
  const { reasoning, text } = body;
  return {
    background: false,
    conversation: null,
    frequency_penalty: body.frequency_penalty ?? 0,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: body.max_tool_calls ?? null,
    metadata: body.metadata ?? {},
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    presence_penalty: body.presence_penalty ?? 0,
    previous_response_id: null,
    prompt_cache_key: body.prompt_cache_key ?? null,
    prompt_cache_retention: body.prompt_cache_retention ?? null,
    reasoning: { effort: null, summary: null, ...(isObject(reasoning) ? reasoning : {}) },
    safety_identifier: body.safety_identifier ?? null,
    service_tier: 'default',
    store: false,
    temperature: body.temperature ?? 1,
    text: { format: { type: 'text' }, verbosity: 'medium', ...(isObject(text) ? text : {}) },
    tool_choice: body.tool_choice ?? 'auto',
    tools: Array.isArray(body.tools) ? body.tools.map(toolOf) : [],
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? 1,
    truncation: body.truncation ?? 'disabled',
    user: body.user ?? null,
  };
};

const toolOf = (tool: JsonObject): object =>
  tool.type === 'function'
    ? { description: null, parameters: null, strict: null, ...tool }
    : { format: { type: 'text' }, ...tool };
