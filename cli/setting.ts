import type { RunRequest } from '../client/index.ts';
import { isObject } from '../lib/json/value.ts';
import { closest } from './closest.ts';
import { CommandError } from './command.ts';

/** A labelled choice of model and sampling, as the API takes it. */
export type Setting = NonNullable<RunRequest['settings']>[number];

type Field = Exclude<keyof Setting, 'label'>;
type Kind = keyof typeof KINDS;

const MAX_LABEL = 100;

/** Reads a value of each kind; undefined when it is none. */
const KINDS = {
  'a whole number': (text: string) => (/^[+-]?\d+$/.test(text) ? Number(text) : undefined),
  'a number': (text: string) =>
    /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined,
  'true or false': (text: string) => (text === 'true' || text === 'false' ? text === 'true' : undefined),
  'a text': (text: string) => stringIn(text) ?? (text === '' ? undefined : text),
  'a text, or a list of texts in JSON': (text: string) => {
    const list = jsonIn(text);
    if (Array.isArray(list)) return list.every((each) => typeof each === 'string') ? list : undefined;
    const one = stringIn(text) ?? text;
    return one === '' ? undefined : [one];
  },
  'an object in JSON': (text: string) => {
    const value = jsonIn(text);
    return isObject(value) ? value : undefined;
  },
  'a list in JSON': (text: string) => {
    const value = jsonIn(text);
    return Array.isArray(value) ? value : undefined;
  },
  'a word, or an object in JSON': (text: string) => {
    const value = jsonIn(text);
    return isObject(value) ? value : /^\w+$/.test(text) ? text : undefined;
  },
};

const FIELDS: ReadonlyMap<string, Kind> = new Map(
  Object.entries({
    model: 'a text',
    reasoning_effort: 'a text',
    reasoning_summary: 'a text',
    max_tokens: 'a whole number',
    temperature: 'a number',
    top_p: 'a number',
    top_k: 'a whole number',
    frequency_penalty: 'a number',
    presence_penalty: 'a number',
    seed: 'a whole number',
    stop: 'a text, or a list of texts in JSON',
    logprobs: 'true or false',
    top_logprobs: 'a whole number',
    response_format: 'an object in JSON',
    tools: 'a list in JSON',
    tool_choice: 'a word, or an object in JSON',
    parallel_tool_calls: 'true or false',
    extra_body: 'an object in JSON',
  } satisfies Record<Field, Kind>),
);

/**
 * Parses `label: name=value, name=value`. Without a label the fields are the label; a label that contains `=` or `"`
 * stands in quotes as JSON, as does a value with a comma. A label alone (`Baseline:`) is a setting without fields.
 *
 * @throws {CommandError} naming the field that is unknown, twice there, or of the wrong kind
 *
 * @example
 * parseSetting('Top-k 40: top_k=40, top_p=1') // { label: 'Top-k 40', top_k: 40, top_p: 1 }
 */
export const parseSetting = (text: string): Setting => {
  const { label, rest } = splitLabel(text.trim());
  const fields = new Map<string, unknown>();
  for (const pair of splitAtCommas(rest)) {
    const at = pair.indexOf('=');
    const name = (at < 0 ? pair : pair.slice(0, at)).trim();
    if (at < 0)
      throw new CommandError(`'${name}' has no value; write a setting as 'label: top_k=40, top_p=1'`);
    if (fields.has(name)) throw new CommandError(`${name} is there twice`);
    fields.set(name, parseField(name, pair.slice(at + 1).trim()));
  }
  if (label === undefined && fields.size === 0)
    throw new CommandError("it has no fields; write a setting as 'label: top_k=40, top_p=1'");
  const chosen = label ?? cut(rest.replace(/\s+/g, ' ').trim());
  if (chosen.length > MAX_LABEL) throw new CommandError(`its label has more than ${MAX_LABEL} characters`);
  return { label: chosen, ...Object.fromEntries(fields) };
};

/**
 * The value of a field from its text.
 *
 * @throws {CommandError} for an unknown field, with the one that was probably meant, and for a value of the wrong kind
 */
export const parseField = (name: string, text: string): unknown => {
  const kind = FIELDS.get(name);
  if (kind === undefined) {
    const names = [...FIELDS.keys()];
    const meant = closest(name, names);
    const remedy = meant === undefined ? `fields are ${names.join(', ')}` : `did you mean ${meant}?`;
    throw new CommandError(`there is no field '${name}'; ${remedy}`);
  }
  const value = KINDS[kind](text);
  if (value === undefined || (typeof value === 'number' && !Number.isFinite(value)))
    throw new CommandError(`${name} takes ${kind}, not '${text}'`);
  return value;
};

/** A setting as `parseSetting` reads it. */
export const settingText = ({ label, ...fields }: Setting): string => {
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${valueText(value)}`);
  const shown = /[="]|^\s|\s$|^$/.test(label) ? JSON.stringify(label) : label;
  return `${shown}: ${pairs.join(', ')}`.trim();
};

const valueText = (value: unknown): string => {
  if (typeof value !== 'string') return JSON.stringify(value);
  const isPlain = /^[^\s,"[{}\]]+( [^\s,"[{}\]]+)*$/.test(value);
  return isPlain ? value : JSON.stringify(value);
};

/** The label ends at the last colon before the first field: names of fields have none. */
const splitLabel = (text: string): { label?: string; rest: string } => {
  const quoted = /^("(?:[^"\\]|\\.)*")\s*:/.exec(text);
  const inQuotes = quoted && stringIn(quoted[1] ?? '');
  if (quoted && inQuotes) return { label: inQuotes, rest: text.slice(quoted[0].length) };
  const equals = text.indexOf('=');
  const colon = text.lastIndexOf(':', equals < 0 ? text.length : equals);
  if (colon < 0) return { rest: text };
  const label = text.slice(0, colon).trim();
  if (label === '') throw new CommandError("it has an empty label; write a setting as 'label: top_k=40'");
  return { label, rest: text.slice(colon + 1) };
};

/** The parts between commas that stand outside of quotes, brackets and braces. Empty ones are left out. */
const splitAtCommas = (text: string): string[] => {
  const parts: string[] = [];
  let part = '';
  let depth = 0;
  for (const [piece] of text.matchAll(/"(?:[^"\\]|\\.)*"|[\s\S]/gu)) {
    if (piece === '[' || piece === '{') depth += 1;
    if (piece === ']' || piece === '}') depth -= 1;
    if (piece === ',' && depth <= 0) {
      parts.push(part);
      part = '';
    } else part += piece;
  }
  return [...parts, part].map((each) => each.trim()).filter((each) => each !== '');
};

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const stringIn = (text: string): string | undefined => {
  const value = jsonIn(text);
  return typeof value === 'string' ? value : undefined;
};

const cut = (text: string): string => (text.length <= MAX_LABEL ? text : `${text.slice(0, MAX_LABEL - 1)}…`);
