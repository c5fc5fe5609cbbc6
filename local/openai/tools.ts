import { isObject, type JsonObject } from '../json.ts';
import type { Ngram } from '../model/ngram.ts';
import { countTokens } from '../model/tokens.ts';
import { ApiError, missing, wrongType, wrongValue } from './api-error.ts';
import type { Output, PlannedCall } from './completion-format.ts';
import type { Message } from './messages.ts';
import { readBoolean } from './parameters.ts';
import { grammarOf, readFields, readName, readStrict } from './schemas.ts';

const MAX_TOOLS = 128;

/** The functions of a request, which of them may be called, and the tokens of their descriptions in the prompt. */
export type Tools = {
  callable: PlannedCall[];
  mode: 'none' | 'auto' | 'required' | 'named';
  /** Whether one answer may call several. */
  isParallel: boolean;
  promptTokens: number;
};

const NO_PARAMETERS = { type: 'object', properties: {} };

const readTool = (tool: unknown, at: number, model: Ngram): PlannedCall => {
  const param = `tools[${at}]`;
  const { type, ...rest } = readFields(tool, param, ['type', 'function']);
  if (type !== 'function')
    throw wrongValue(
      `${param}.type`,
      `Invalid value for '${param}.type': this server calls only 'function'.`,
    );
  const inner = `${param}.function`;
  const fields = readFields(rest.function, inner, ['name', 'description', 'parameters', 'strict']);
  const name = readName(fields.name, `${inner}.name`);
  const grammar = grammarOf(
    model,
    fields.parameters ?? { ...NO_PARAMETERS, additionalProperties: false },
    readStrict(fields, inner),
    {
      about: `Invalid schema for function '${name}'`,
      param: `${inner}.parameters`,
      code: 'invalid_function_parameters',
    },
  );
  return { name, grammar };
};

const onlyWithTools = (param: string): ApiError =>
  wrongValue(param, `'${param}' is only allowed when 'tools' are specified.`);

const named = (choice: JsonObject, param: string, tools: readonly PlannedCall[]): PlannedCall => {
  if (choice.type !== 'function')
    throw wrongValue(
      `${param}.type`,
      `Invalid value for '${param}.type': this server calls only 'function'.`,
    );
  const { function: called } = choice;
  if (!isObject(called)) throw missing(`${param}.function`);
  const name = readName(called.name, `${param}.function.name`);
  const tool = tools.find((candidate) => candidate.name === name);
  if (tool === undefined) throw wrongValue(param, `Tool choice '${name}' not found in 'tools' parameter.`);
  return tool;
};

const readAllowed = (choice: JsonObject, tools: readonly PlannedCall[]): Pick<Tools, 'callable' | 'mode'> => {
  const param = 'tool_choice.allowed_tools';
  const { mode, tools: allowed } = readFields(choice.allowed_tools, param, ['mode', 'tools']);
  if (mode !== 'auto' && mode !== 'required')
    throw wrongValue(`${param}.mode`, `Invalid value for '${param}.mode': must be 'auto' or 'required'.`);
  if (!Array.isArray(allowed)) throw wrongType(`${param}.tools`, 'array', allowed);
  const callable = new Set(
    allowed.map((each, at) => {
      if (!isObject(each)) throw wrongType(`${param}.tools[${at}]`, 'object', each);
      return named(each, `${param}.tools[${at}]`, tools);
    }),
  );
  if (callable.size === 0)
    throw wrongValue(`${param}.tools`, `Invalid '${param}.tools': the array is empty.`);
  return { callable: tools.filter((tool) => callable.has(tool)), mode };
};

const readChoice = (choice: unknown, tools: PlannedCall[]): Pick<Tools, 'callable' | 'mode'> => {
  if (choice === 'none' || choice === 'auto' || choice === 'required')
    return { callable: tools, mode: choice };
  if (typeof choice === 'string')
    throw wrongValue(
      'tool_choice',
      `Invalid value: '${choice}'. Supported values are: 'none', 'auto', and 'required'.`,
    );
  if (!isObject(choice)) throw wrongType('tool_choice', 'object', choice);
  if (choice.type === 'allowed_tools') return readAllowed(choice, tools);
  return { callable: [named(choice, 'tool_choice', tools)], mode: 'named' };
};

/**
 * Reads `tools`, `tool_choice` and `parallel_tool_calls`; `undefined` without tools.
 *
 * @throws {ApiError} 400 in OpenAI's words.
 */
export const readTools = (body: JsonObject, model: Ngram): Tools | undefined => {
  const tools: unknown = body.tools ?? undefined;
  const choice: unknown = body.tool_choice ?? undefined;
  if (tools === undefined) {
    if (choice !== undefined && choice !== 'none') throw onlyWithTools('tool_choice');
    if ((body.parallel_tool_calls ?? undefined) !== undefined) throw onlyWithTools('parallel_tool_calls');
    return undefined;
  }
  if (!Array.isArray(tools)) throw wrongType('tools', 'array', tools);
  if (tools.length === 0)
    throw new ApiError(
      400,
      "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'tools',
      'empty_array',
    );
  if (tools.length > MAX_TOOLS)
    throw new ApiError(
      400,
      `Invalid 'tools': array too long. Expected an array with maximum length ${MAX_TOOLS}, but got an array with length ${tools.length} instead.`,
      'tools',
      'array_above_max_length',
    );
  const planned = tools.map((tool, at) => readTool(tool, at, model));
  return {
    ...readChoice(choice ?? 'auto', planned),
    isParallel: readBoolean(body, 'parallel_tool_calls', true),
    promptTokens: countTokens(JSON.stringify(tools)),
  };
};

/** In lower case. */
const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

const SHORTEST_WORD = 4;

const wordsOfName = (name: string): string[] =>
  wordsOf(name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])|_/g, ' ')).filter(({ length }) => length >= SHORTEST_WORD);

/** The functions that the last user message names by a word, without those that were called since. */
const namedBy = (messages: readonly Message[], callable: readonly PlannedCall[]): PlannedCall[] => {
  const last = messages.findLastIndex(({ role }) => role === 'user');
  const said = new Set(wordsOf(messages[last]?.text ?? ''));
  const called = new Set(messages.slice(last + 1).flatMap(({ calls }) => calls.map(({ name }) => name)));
  return callable.filter(({ name }) => !called.has(name) && wordsOfName(name).some((word) => said.has(word)));
};

/**
 * The calls to answer with; `undefined` for an answer in text. A function is called when a word of its name, of four
 * letters or more, stands in the last user message and it was not called since: all such functions in one answer, or the
 * first one if calls are not parallel. A required call is of the first function when no other is called.
 */
export const planCalls = (
  { callable, mode, isParallel }: Tools,
  messages: readonly Message[],
): Output | undefined => {
  if (mode === 'none') return undefined;
  if (mode === 'named') return { kind: 'calls', calls: callable, finish: 'stop' }; // as OpenAI answers a named choice
  const wanted = namedBy(messages, callable);
  const found = wanted.length === 0 && mode === 'required' ? callable : wanted;
  const calls = isParallel && wanted.length > 0 ? found : found.slice(0, 1);
  return calls.length === 0 ? undefined : { kind: 'calls', calls, finish: 'tool_calls' };
};
