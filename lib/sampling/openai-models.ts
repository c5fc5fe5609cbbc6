import type { ModelApi } from './catalogue-row.ts';

/**
 * Sampling support of an OpenAI model: when it accepts `temperature` and `top_p` (`always`, `never`, or only at
 * `reasoning_effort: "none"`), whether it accepts `reasoning_effort`, and when it takes function tools on chat
 * completions, where documented. From OpenAI's documentation, November 2026: https://platform.openai.com/docs/models
 */
export type OpenAIModel = {
  sampling: 'always' | 'never' | 'at_effort_none';
  takesEffort?: 'applied' | 'refused';
  tools?: 'always' | 'at_effort_none';
};

const ALWAYS = { sampling: 'always', tools: 'always' } as const;
const NEVER = { sampling: 'never' } as const;
const AT_EFFORT_NONE = { sampling: 'at_effort_none', takesEffort: 'applied' } as const;
// From GPT-5.6 on, reasoning with tools needs the Responses API.
const TOOLS_AT_EFFORT_NONE = { ...AT_EFFORT_NONE, tools: 'at_effort_none' } as const;

/** Ends a pattern so that it matches a model and its dated snapshots, but no other model with the same prefix. */
const SNAPSHOT = String.raw`(-\d{4}-\d{2}-\d{2})?$`;

/** The first match wins. Fields of unlisted models are sent; the server's 400 tells which of them it refuses. */
const MODELS: readonly (readonly [RegExp, OpenAIModel])[] = [
  [new RegExp(`^gpt-4o-mini${SNAPSHOT}`), { ...ALWAYS, takesEffort: 'refused' }],
  [/^gpt-4o(-|$)/, ALWAYS],
  [/^gpt-4\.1(-|$)/, ALWAYS],
  [/^o\d+(-|$)/, NEVER],
  [new RegExp(`^gpt-5(-mini|-nano)?${SNAPSHOT}`), NEVER],
  [new RegExp(`^gpt-6-astra${SNAPSHOT}`), NEVER],
  [new RegExp(`^gpt-6\\.1-sol${SNAPSHOT}`), NEVER],
  [/^gpt-5\.[1-5](-|$)/, AT_EFFORT_NONE],
  [/^gpt-5\.6(-|$)/, TOOLS_AT_EFFORT_NONE],
  [new RegExp(`^gpt-6-(luna|sol)${SNAPSHOT}`), TOOLS_AT_EFFORT_NONE],
  [new RegExp(`^gpt-6\\.1-terra${SNAPSHOT}`), TOOLS_AT_EFFORT_NONE],
];

/**
 * Models that only the Responses API serves: `ResponsesModel` of the SDK's types beside `ChatModel`, and the Codex and
 * Pro models, whose pages say so. https://platform.openai.com/docs/models
 */
const ONLY_BY_RESPONSES = [
  /\bcodex\b/,
  /-pro(-\d{4}-\d{2}-\d{2})?$/,
  /-deep-research(-|$)/,
  /^computer-use-preview(-|$)/,
  /-(cyber|rosalind)$/,
  /^gpt-(daybreak|rosalind)-/,
];

/** The API of a model: models that reason give summaries by the Responses API alone, and some of them take tools only there. */
export const openAIApi = (name: string): ModelApi => {
  if (ONLY_BY_RESPONSES.some((pattern) => pattern.test(name))) return 'responses';
  const sampling = openAIModel(name)?.sampling;
  return sampling === undefined || sampling === 'always' ? 'chat_completions' : 'as_needed';
};

export const openAIModel = (name: string): OpenAIModel | undefined =>
  MODELS.find(([pattern]) => pattern.test(name))?.[1];

/** A model that OpenAI no longer serves: the model to use instead, and the day of the shutdown (ISO 8601). */
export type RetiredModel = { replacement: string; since: string };

const REPLACEMENT = 'gpt-6-luna';

/** Shutdown days by name: https://platform.openai.com/docs/deprecations */
const RETIRED = new Map<string, string>([
  ...[
    'text-davinci-003',
    'text-davinci-002',
    'text-davinci-001',
    'text-curie-001',
    'text-babbage-001',
    'text-ada-001',
    'davinci',
    'curie',
    'babbage',
    'ada',
  ].map((name) => [name, '2024-01-04'] as const),
  ['gpt-3.5-turbo-instruct', '2026-09-28'],
]);

/** The retirement of a model by its name; undefined unless OpenAI has retired it. */
export const retiredModel = (name: string): RetiredModel | undefined => {
  const since = RETIRED.get(name);
  return since === undefined ? undefined : { replacement: REPLACEMENT, since };
};

export const retiredModels = (): string[] => [...RETIRED.keys()];

const SHUTDOWN_DATES = new Map<string, string>([
  ['gpt-5', '2026-12-11'],
  ['gpt-5-mini', '2026-12-11'],
  ['gpt-5-nano', '2026-12-11'],
  ['gpt-4o', '2027-01-14'],
  ['gpt-4o-mini', '2027-01-14'],
  ['gpt-4.1', '2027-01-14'],
]);

/** The day (ISO 8601) that OpenAI has announced for a model's shutdown; undefined: none is announced. */
export const shutdownDate = (name: string): string | undefined => SHUTDOWN_DATES.get(name);
