import type { RunRequest } from '../../client/index.ts';

/** Fields of a run that a line cannot have: columns of these names are the caller's own. */
type NotOfLines = 'store' | 'conversation';

/** The fields of a run that a column sets, all of them by its type. */
const FIELDS: { [Name in Exclude<keyof RunRequest, NotOfLines>]-?: true } = {
  prompt: true,
  messages: true,
  model: true,
  reasoning_effort: true,
  reasoning_summary: true,
  max_tokens: true,
  temperature: true,
  top_p: true,
  top_k: true,
  frequency_penalty: true,
  presence_penalty: true,
  seed: true,
  stop: true,
  logprobs: true,
  top_logprobs: true,
  response_format: true,
  tools: true,
  tool_choice: true,
  parallel_tool_calls: true,
  extra_body: true,
  settings: true,
  samples: true,
  stream: true,
  background: true,
  index: true,
  strict_sampling: true,
  checks: true,
  metadata: true,
};

/** Whether a column of this name, in any case, sets a field of a run; all others are for the template. */
export const isRunField = (column: string): boolean => Object.hasOwn(FIELDS, column.toLowerCase());

/** The names of the places in a template: `{{name}}`. */
export const placesIn = (template: string): Set<string> =>
  new Set([...template.matchAll(/\{\{([^{}]*)\}\}/g)].map(([, name = '']) => name.trim()));
