import { isObject, own } from '../json/value.ts';

// The Responses API has tools, choices of a tool and formats flat, where chat completions nest them below their type:
// https://platform.openai.com/docs/guides/migrate-to-responses. Runs have the nested form.

type Fields = Record<string, unknown>;

/**
 * A flat tool as chat completions have it.
 *
 * @example
 * nestedTool({ type: 'function', name: 'weather', strict: true })
 * // { type: 'function', function: { name: 'weather', strict: true } }
 */
export const nestedTool = ({ type, ...rest }: Fields): Fields =>
  type === 'custom'
    ? { type, custom: isObject(rest.format) ? { ...rest, format: nestedGrammar(rest.format) } : rest }
    : { type, function: withoutNulls(rest) };

/** Reverses `nestedTool`; `strict` and `parameters` are null where they were left out, as OpenAI's answers have them. */
export const flatTool = (tool: Fields): Fields => {
  if (isObject(tool.function))
    return { type: tool.type, strict: null, parameters: null, ...flat(tool, 'function') };
  const custom = flat(tool, 'custom');
  return isObject(custom.format) ? { ...custom, format: flat(custom.format, 'grammar') } : custom;
};

/** A flat choice of a tool as chat completions have it; words are the same in both. */
export const nestedChoice = (choice: unknown): unknown => {
  if (!isObject(choice)) return choice;
  const { type, ...rest } = choice;
  if (type !== 'allowed_tools') return named(choice);
  const { mode, tools } = rest;
  return { type, allowed_tools: { mode, tools: Array.isArray(tools) ? tools.map(named) : tools } };
};

/** Reverses `nestedChoice`. */
export const flatChoice = (choice: unknown): unknown => {
  if (!isObject(choice)) return choice;
  const allowed = flat(choice, 'allowed_tools');
  if (Array.isArray(allowed.tools)) return { ...allowed, tools: allowed.tools.map(flatChoice) };
  return flat(flat(choice, 'function'), 'custom');
};

/** `text.format` as a `response_format`; undefined for plain text, which needs none. */
export const nestedFormat = ({ type, ...rest }: Fields): Fields | undefined => {
  if (type === 'text') return undefined;
  return type === 'json_schema' ? { type, json_schema: withoutNulls(rest) } : { type, ...rest };
};

/** Reverses `nestedFormat`. */
export const flatFormat = (format: Fields | undefined): Fields =>
  format === undefined ? { type: 'text' } : flat(format, 'json_schema');

/** Fields with those that stand inside the object `name` beside the others instead of it. */
const flat = (fields: Fields, name: string): Fields => {
  const inner = own(fields, name);
  if (!isObject(inner)) return fields;
  const { [name]: _, ...rest } = fields;
  return { ...rest, ...inner };
};

const named = (choice: unknown): unknown => {
  if (!isObject(choice)) return choice;
  const { type, ...rest } = choice;
  return type === 'custom' ? { type, custom: rest } : { type, function: rest };
};

const nestedGrammar = ({ type, ...rest }: Fields): Fields =>
  type === 'grammar' ? { type, grammar: rest } : { type, ...rest };

/** Null means absent to OpenAI, and chat completions of other servers refuse it. */
const withoutNulls = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
