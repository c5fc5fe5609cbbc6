import { isObject, type JsonObject, own } from '../json.ts';
import type { Ngram } from '../model/ngram.ts';
import { countTokens } from '../model/tokens.ts';
import { ApiError, missing, wrongType, wrongValue } from './api-error.ts';
import type { Output, PlannedCall, ToolType } from './completion-format.ts';
import type { Message } from './messages.ts';
import { readBoolean } from './parameters.ts';
import { grammarOf, readFields, readName, readStrict } from './schemas.ts';

const MAX_TOOLS = 128;

/** The tools of a request, which of them may be called, and the tokens of their descriptions in the prompt. */
export type Tools = {
  callable: PlannedCall[];
  mode: 'none' | 'auto' | 'required' | 'named';
  /** Whether one answer may call several. */
  isParallel: boolean;
  promptTokens: number;
};

/**
 * The form of tools and choices: chat completions nest a tool's fields under its type, as in
 * `{"type": "function", "function": {"name": "f"}}`; the Responses API has them beside it.
 */
export type ToolForm = 'nested' | 'flat';

const NO_PARAMETERS = { type: 'object', properties: {} };

const FIELDS: Record<ToolType, string[]> = {
  function: ['name', 'description', 'parameters', 'strict'],
  custom: ['name', 'description', 'format'],
};

const readType = (tool: JsonObject, param: string): ToolType => {
  const { type } = tool;
  if (type === 'function' || type === 'custom') return type;
  throw wrongValue(
    `${param}.type`,
    `Invalid value for '${param}.type': this server calls only 'function' and 'custom'.`,
  );
};

/** Reads the input format of a custom tool: free text. */
const readInputFormat = (format: unknown, param: string): void => {
  if (format === undefined || format === null) return;
  if (!isObject(format)) throw wrongType(param, 'object', format);
  if (format.type !== 'text')
    throw wrongValue(`${param}.type`, `Invalid value for '${param}.type': this server writes only 'text'.`);
};

const readTool = (tool: unknown, at: number, form: ToolForm, model: Ngram): PlannedCall => {
  const param = `tools[${at}]`;
  if (!isObject(tool)) throw wrongType(param, 'object', tool);
  const type = readType(tool, param);
  const inner = form === 'nested' ? `${param}.${type}` : param;
  if (form === 'nested') readFields(tool, param, ['type', type]);
  const { type: _, ...flat } = tool;
  const fields = readFields(form === 'nested' ? own(tool, type) : flat, inner, FIELDS[type]);
  const name = readName(fields.name, `${inner}.name`);
  if (type === 'custom') {
    readInputFormat(fields.format, `${inner}.format`);
    return { type, name };
  }
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
  return { type, name, grammar };
};

const onlyWithTools = (param: string): ApiError =>
  wrongValue(param, `'${param}' is only allowed when 'tools' are specified.`);

type Known = { tools: readonly PlannedCall[]; form: ToolForm };

const named = (choice: JsonObject, param: string, { tools, form }: Known): PlannedCall => {
  const type = readType(choice, param);
  const inner = form === 'nested' ? `${param}.${type}` : param;
  const called = form === 'nested' ? own(choice, type) : choice;
  if (!isObject(called)) throw missing(inner);
  const name = readName(called.name, `${inner}.name`);
  const tool = tools.find((candidate) => candidate.type === type && candidate.name === name);
  if (tool === undefined) throw wrongValue(param, `Tool choice '${name}' not found in 'tools' parameter.`);
  return tool;
};

const readAllowed = (choice: JsonObject, known: Known): Pick<Tools, 'callable' | 'mode'> => {
  const param = known.form === 'nested' ? 'tool_choice.allowed_tools' : 'tool_choice';
  const { type: _, ...flat } = choice;
  const fields = known.form === 'nested' ? choice.allowed_tools : flat;
  const { mode, tools: allowed } = readFields(fields, param, ['mode', 'tools']);
  if (mode !== 'auto' && mode !== 'required')
    throw wrongValue(`${param}.mode`, `Invalid value for '${param}.mode': must be 'auto' or 'required'.`);
  if (!Array.isArray(allowed)) throw wrongType(`${param}.tools`, 'array', allowed);
  const callable = new Set(
    allowed.map((each, at) => {
      if (!isObject(each)) throw wrongType(`${param}.tools[${at}]`, 'object', each);
      return named(each, `${param}.tools[${at}]`, known);
    }),
  );
  if (callable.size === 0)
    throw wrongValue(`${param}.tools`, `Invalid '${param}.tools': the array is empty.`);
  return { callable: known.tools.filter((tool) => callable.has(tool)), mode };
};

const readChoice = (choice: unknown, known: Known): Pick<Tools, 'callable' | 'mode'> => {
  if (choice === 'none' || choice === 'auto' || choice === 'required')
    return { callable: [...known.tools], mode: choice };
  if (typeof choice === 'string')
    throw wrongValue(
      'tool_choice',
      `Invalid value: '${choice}'. Supported values are: 'none', 'auto', and 'required'.`,
    );
  if (!isObject(choice)) throw wrongType('tool_choice', 'object', choice);
  if (choice.type === 'allowed_tools') return readAllowed(choice, known);
  return { callable: [named(choice, 'tool_choice', known)], mode: 'named' };
};

/** The Responses API takes an empty list, and without tools the defaults of the parameters about them. */
const refuseWithoutTools = (body: JsonObject, form: ToolForm): void => {
  const choice: unknown = body.tool_choice ?? 'none';
  if (choice !== 'none' && !(form === 'flat' && choice === 'auto')) throw onlyWithTools('tool_choice');
  if (form === 'nested' && (body.parallel_tool_calls ?? undefined) !== undefined)
    throw onlyWithTools('parallel_tool_calls');
  readBoolean(body, 'parallel_tool_calls');
};

/**
 * Reads `tools`, `tool_choice` and `parallel_tool_calls`; `undefined` without tools.
 *
 * @throws {ApiError} 400 in OpenAI's words.
 */
export const readTools = (body: JsonObject, model: Ngram, form: ToolForm): Tools | undefined => {
  const tools: unknown = body.tools ?? undefined;
  if (tools !== undefined && !Array.isArray(tools)) throw wrongType('tools', 'array', tools);
  if (tools === undefined || (tools.length === 0 && form === 'flat')) {
    refuseWithoutTools(body, form);
    return undefined;
  }
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
  const planned = tools.map((tool, at) => readTool(tool, at, form, model));
  return {
    ...readChoice(body.tool_choice ?? 'auto', { tools: planned, form }),
    isParallel: readBoolean(body, 'parallel_tool_calls', true),
    promptTokens: countTokens(JSON.stringify(tools)),
  };
};

/** In lower case. */
const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

const SHORTEST_WORD = 4;

const wordsOfName = (name: string): string[] =>
  wordsOf(name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])|_/g, ' ')).filter(({ length }) => length >= SHORTEST_WORD);

/** The tools that the last user message names by a word, without those that were called since. */
const namedBy = (messages: readonly Message[], callable: readonly PlannedCall[]): PlannedCall[] => {
  const last = messages.findLastIndex(({ role }) => role === 'user');
  const said = new Set(wordsOf(messages[last]?.text ?? ''));
  const called = new Set(messages.slice(last + 1).flatMap(({ calls }) => calls.map(({ name }) => name)));
  return callable.filter(({ name }) => !called.has(name) && wordsOfName(name).some((word) => said.has(word)));
};

/**
 * The calls to answer with; `undefined` for an answer in text. A tool is called when a word of its name, of four
 * letters or more, stands in the last user message and it was not called since: all such tools in one answer, or the
 * first one if calls are not parallel. A required call is of the first tool when no other is called.
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
