import type { ComparisonRequest } from '../../client/index.ts';
import { isObject } from '../json.ts';
import {
  type Dimension,
  MAX_SETTINGS,
  numberIn,
  objectIn,
  productRows,
  productSize,
  type Row,
  type Setting,
  settingOf,
} from './settings.ts';

export type Message = { role: string; content: string };
export type PromptDraft = { text: string } | { messages: Message[] };

export const CHECKS = [
  { type: 'contains', title: 'contains', field: 'value' },
  { type: 'regex', title: 'matches the pattern', field: 'pattern' },
  { type: 'json_schema', title: 'is JSON of the schema', field: 'schema' },
  { type: 'min_length', title: 'has at least … characters', field: 'value' },
  { type: 'max_length', title: 'has at most … characters', field: 'value' },
] as const;

export type CheckDraft = { type: (typeof CHECKS)[number]['type']; text: string };

export const OBJECTIVES = [
  { name: 'max_ttft_ms', title: 'First token within, ms' },
  { name: 'max_tpot_ms', title: 'Per token within, ms' },
  { name: 'max_e2e_ms', title: 'Total time within, ms' },
] as const;

/** A comparison as it is typed: texts, so that nothing that a person types is lost or changed. */
export type Draft = {
  name: string;
  prompts: PromptDraft[];
  /** Where the settings come from: every combination of values, or rows. */
  by: 'matrix' | 'rows';
  dimensions: Dimension[];
  rows: Row[];
  samples: string;
  maxTokens: string;
  objectives: { [Name in (typeof OBJECTIVES)[number]['name']]: string };
  checks: CheckDraft[];
  metadata: { key: string; value: string }[];
  /** The most that it may cost by the estimate, in US dollars; the page keeps it, the API does not know it. */
  maxCostUsd: string;
  /** Further fields of all settings as a JSON object. */
  other: string;
};

/** A mistake and its field, as the API names fields: `settings.0.top_p`. */
export type Problem = { path: string; message: string };

export const EMPTY: Draft = {
  name: '',
  prompts: [{ text: '' }],
  by: 'matrix',
  dimensions: [{ field: 'temperature', values: '0.2, 1' }],
  rows: [],
  samples: '10',
  maxTokens: '',
  objectives: { max_ttft_ms: '', max_tpot_ms: '', max_e2e_ms: '' },
  checks: [],
  metadata: [],
  maxCostUsd: '',
  other: '',
};

/** The settings of a draft as rows, wherever they come from. */
export const rowsOf = ({ by, dimensions, rows }: Draft): Row[] =>
  by === 'matrix' ? productRows(dimensions) : rows;

/** Each line of a text that is not blank, as a prompt. */
export const linesAsPrompts = (text: string): PromptDraft[] =>
  text
    .split(/\r\n?|\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => ({ text: line }));

/** The body of POST /comparisons, and what cannot be sent at all. The API judges everything else. */
export const requestOf = (draft: Draft): { request: ComparisonRequest; problems: Problem[] } => {
  const problems: Problem[] = [];
  const parsed = <T>(path: string, empty: T, parse: () => T): T => {
    try {
      return parse();
    } catch (error) {
      problems.push({
        path,
        message: `must be a JSON object: ${error instanceof Error ? error.message : ''}`,
      });
      return empty;
    }
  };
  const settings = rowsOf(draft).map((row, at) =>
    parsed<Setting>(`settings.${at}.other`, { label: row.label }, () => settingOf(row)),
  );
  const size = productSize(draft.dimensions);
  if (draft.by === 'matrix' && size > MAX_SETTINGS)
    problems.push({
      path: 'settings',
      message: `${size.toLocaleString('en-US')} combinations; a comparison takes ${MAX_SETTINGS} settings at most: leave values out`,
    });
  const checks = draft.checks.map(({ type, text }, at): unknown => {
    if (type === 'json_schema')
      return parsed<unknown>(`checks.${at}`, { type, schema: {} }, () => ({ type, schema: objectIn(text) }));
    if (type === 'regex') return { type, pattern: text };
    return { type, value: type === 'contains' ? text : numberIn(text) };
  });
  const objectives = OBJECTIVES.flatMap(({ name }) => {
    const text = draft.objectives[name];
    return text.trim() === '' ? [] : [[name, numberIn(text)]];
  });
  const metadata = draft.metadata.filter(({ key, value }) => key !== '' || value !== '');
  const name = draft.name.trim();
  const request = {
    ...parsed('other', {}, () => objectIn(draft.other)),
    ...(name === '' ? {} : { name }),
    prompts: draft.prompts.map((prompt) => ('text' in prompt ? prompt.text : { messages: prompt.messages })),
    settings,
    ...(draft.samples.trim() === '' ? {} : { samples: numberIn(draft.samples) }),
    ...(draft.maxTokens.trim() === '' ? {} : { max_tokens: numberIn(draft.maxTokens) }),
    ...(objectives.length === 0 ? {} : { objectives: Object.fromEntries(objectives) }),
    ...(checks.length === 0 ? {} : { checks }),
    ...(metadata.length === 0
      ? {}
      : { metadata: Object.fromEntries(metadata.map(({ key, value }) => [key, value])) }),
  };
  return { request: request as ComparisonRequest, problems };
};

/** A draft that asks for the same as a request. Fields that the request lacks are those of `EMPTY`. */
export const draftOf = (request: Partial<ComparisonRequest>, rowsFrom: (setting: Setting) => Row): Draft => {
  const { name, prompts, settings, samples, max_tokens, objectives, checks, metadata, ...others } = request;
  const rest = Object.entries(others).filter(([, value]) => value !== null && value !== undefined);
  return {
    ...EMPTY,
    name: textOf(name),
    prompts: Array.isArray(prompts) && prompts.length > 0 ? prompts.map(promptOf) : EMPTY.prompts,
    ...(Array.isArray(settings) && settings.length > 0
      ? { by: 'rows' as const, rows: settings.map(rowsFrom) }
      : {}),
    samples: samples === undefined || samples === null ? EMPTY.samples : textOf(samples),
    maxTokens: textOf(max_tokens),
    objectives: {
      max_ttft_ms: textOf(objectives?.max_ttft_ms),
      max_tpot_ms: textOf(objectives?.max_tpot_ms),
      max_e2e_ms: textOf(objectives?.max_e2e_ms),
    },
    checks: Array.isArray(checks) ? checks.filter(isObject).map(checkOf) : [],
    metadata: Object.entries(metadata ?? {}).map(([key, value]) => ({ key, value: textOf(value) })),
    other: rest.length === 0 ? '' : JSON.stringify(Object.fromEntries(rest)),
  };
};

const textOf = (value: unknown): string =>
  value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);

const messageOf = (message: { role?: unknown; content?: unknown }): Message => ({
  ...message,
  role: textOf(message.role),
  content: textOf(message.content),
});

const promptOf = (prompt: ComparisonRequest['prompts'][number]): PromptDraft => {
  if (typeof prompt === 'string') return { text: prompt };
  return Array.isArray(prompt?.messages)
    ? { messages: prompt.messages.filter(isObject).map(messageOf) }
    : { text: textOf(prompt?.prompt) };
};

const checkOf = (check: NonNullable<ComparisonRequest['checks']>[number]): CheckDraft => {
  if (check.type === 'regex') return { type: 'regex', text: textOf(check.pattern) };
  if (check.type === 'json_schema') return { type: 'json_schema', text: textOf(check.schema) };
  return { type: check.type, text: textOf(check.value) };
};
