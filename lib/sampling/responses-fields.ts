import { dropAbsent, isObject, own } from '../json/value.ts';
import { flatChoice, flatFormat, flatTool } from './flat-forms.ts';
import type { SentField } from './refusals.ts';
import type { ServerKind } from './server.ts';

type Body = Record<string, unknown>;

/**
 * The entry of `include` for the reasoning in a form that the next turn can send back. A refusal is remembered under this
 * name, since no request has a field for it.
 */
export const ENCRYPTED_REASONING = 'reasoning.encrypted_content';
/** The entry of `include` for the log probabilities of the output. */
export const TEXT_LOGPROBS = 'message.output_text.logprobs';

/** Fields of chat completions that the Responses API lacks: https://platform.openai.com/docs/api-reference/responses/create */
const NOT_OF_RESPONSES: readonly string[] = [
  'stop',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'logit_bias',
  'prediction',
];

/** Those of them that the local model takes all the same. */
const OF_LOCAL_MODEL: readonly string[] = ['seed', 'frequency_penalty', 'presence_penalty'];

/** Whether a field of chat completions has no effect by the Responses API of a kind of server. */
export const isNotOfResponses = (field: string, kind: ServerKind): boolean =>
  NOT_OF_RESPONSES.includes(field) && !(kind === 'everytoken' && OF_LOCAL_MODEL.includes(field));

/**
 * The fields of a setting under the names and in the shapes of the Responses API. `encrypted`: asks for the reasoning in
 * a form that the next turn can send back.
 */
export const asResponsesFields = (fields: Body, { encrypted }: { encrypted: boolean }): Body => {
  const { max_tokens, reasoning_effort: effort, reasoning_summary: summary, verbosity, ...others } = fields;
  const { response_format, reasoning, text, logprobs, tools, tool_choice, ...same } = others;
  const include = [
    ...(encrypted ? [ENCRYPTED_REASONING] : []),
    ...(logprobs === true ? [TEXT_LOGPROBS] : []),
  ];
  return dropAbsent({
    ...same,
    max_output_tokens: max_tokens,
    reasoning: merged(reasoning, { effort, summary }),
    text: merged(text, {
      format: isObject(response_format) ? flatFormat(response_format) : response_format,
      verbosity,
    }),
    tools: Array.isArray(tools) ? tools.map(sentTool) : tools,
    tool_choice: flatChoice(tool_choice),
    include: include.length === 0 ? undefined : include,
  });
};

/** An object of fields, beside those of the same name that `extra_body` has; undefined without any. */
const merged = (given: unknown, fields: Body): unknown => {
  const set = dropAbsent(fields);
  if (Object.keys(set).length === 0) return given;
  return isObject(given) ? { ...given, ...set } : set;
};

/**
 * A tool. The Responses API has functions strict where `strict` is left out, and chat completions not: the meaning is to
 * stay that of the request.
 */
const sentTool = (tool: unknown): unknown => {
  if (!isObject(tool)) return tool;
  const sent = flatTool(tool);
  return isObject(tool.function) ? { ...sent, strict: sent.strict ?? false } : sent;
};

/**
 * The fields of a body that a server may refuse by name, with the names that requests have for them. A refused limit of
 * tokens is none of them, since it is never left out.
 */
export const responsesSentFields = (body: Body): SentField[] =>
  Object.keys(body).flatMap((name): SentField[] => {
    const value = own(body, name);
    if (name === 'max_output_tokens') return [];
    if (name === 'reasoning')
      return within(name, value, { effort: 'reasoning_effort', summary: 'reasoning_summary' });
    if (name === 'text') return within(name, value, { verbosity: 'verbosity', format: 'response_format' });
    if (name !== 'include' || !Array.isArray(value)) return [name];
    return [
      ...[ENCRYPTED_REASONING].filter((one) => value.includes(one)),
      ...(value.includes(TEXT_LOGPROBS) ? ['logprobs', { path: TEXT_LOGPROBS, field: 'logprobs' }] : []),
      {
        path: name,
        field: value.includes(ENCRYPTED_REASONING) ? ENCRYPTED_REASONING : 'logprobs',
        isWhole: true,
      },
    ];
  });

/** The fields inside an object, and the first of them for an error that names the object alone. */
const within = (name: string, value: unknown, fields: Record<string, string>): SentField[] => {
  const sent = Object.entries(fields).filter(([inner]) => isObject(value) && Object.hasOwn(value, inner));
  const [first] = sent;
  return [
    ...sent.map(([inner, field]) => ({ path: `${name}.${inner}`, field })),
    ...(first ? [{ path: name, field: first[1], isWhole: true as const }] : [name]),
  ];
};
