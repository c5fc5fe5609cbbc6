import { isObject } from '../../json/value.ts';

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
    ? { type, custom: withFormat(rest, nestedGrammar) }
    : { type, function: withoutNulls(rest) };

/** Reverses `nestedTool`; `strict` and `parameters` are null where they were left out, as OpenAI's answers have them. */
export const flatTool = ({ type, function: described, custom }: Fields): Fields =>
  type === 'custom'
    ? { type, ...withFormat(fieldsOf(custom), flatGrammar) }
    : { type, strict: null, parameters: null, ...fieldsOf(described) };

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
  const { type, allowed_tools: allowed } = choice;
  if (type !== 'allowed_tools') return unnamed(choice);
  const { mode, tools } = fieldsOf(allowed);
  return { type, mode, tools: Array.isArray(tools) ? tools.map(unnamed) : tools };
};

/** `text.format` as a `response_format`; undefined for plain text, which needs none. */
export const nestedFormat = ({ type, ...rest }: Fields): Fields | undefined => {
  if (type === 'text') return undefined;
  return type === 'json_schema' ? { type, json_schema: withoutNulls(rest) } : { type, ...rest };
};

/** Reverses `nestedFormat`. */
export const flatFormat = (format: Fields | undefined): Fields => {
  if (format === undefined) return { type: 'text' };
  const { type, json_schema: schema, ...rest } = format;
  return type === 'json_schema' ? { type, ...fieldsOf(schema) } : { type, ...rest };
};

const named = (choice: unknown): unknown => {
  if (!isObject(choice)) return choice;
  const { type, ...rest } = choice;
  return type === 'custom' ? { type, custom: rest } : { type, function: rest };
};

const unnamed = (choice: unknown): unknown => {
  if (!isObject(choice)) return choice;
  const { type, function: described, custom } = choice;
  return { type, ...fieldsOf(type === 'custom' ? custom : described) };
};

const nestedGrammar = ({ type, ...rest }: Fields): Fields =>
  type === 'grammar' ? { type, grammar: rest } : { type, ...rest };

const flatGrammar = ({ type, grammar, ...rest }: Fields): Fields => ({ type, ...rest, ...fieldsOf(grammar) });

const withFormat = (tool: Fields, convert: (format: Fields) => Fields): Fields =>
  isObject(tool.format) ? { ...tool, format: convert(tool.format) } : tool;

const fieldsOf = (value: unknown): Fields => (isObject(value) ? value : {});

/** Null means absent to OpenAI, and chat completions of other servers refuse it. */
const withoutNulls = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
