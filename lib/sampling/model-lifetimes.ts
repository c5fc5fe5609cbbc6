/** A model that OpenAI no longer serves: what to ask for instead, and the day it went (ISO 8601). */
export type RetiredModel = { replacement: string; since: string };

const REPLACEMENT = 'gpt-6-luna';

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

const SHUTDOWN_DATES = new Map<string, string>([
  ['gpt-5', '2026-12-11'],
  ['gpt-5-mini', '2026-12-11'],
  ['gpt-5-nano', '2026-12-11'],
  ['gpt-4o', '2027-01-14'],
  ['gpt-4o-mini', '2027-01-14'],
  ['gpt-4.1', '2027-01-14'],
]);

/** Set when the name is one that OpenAI has retired. */
export const retiredModel = (name: string): RetiredModel | undefined => {
  const since = RETIRED.get(name);
  return since === undefined ? undefined : { replacement: REPLACEMENT, since };
};

/** The names that OpenAI has retired. */
export const retiredModels = (): string[] => [...RETIRED.keys()];

/** The day (ISO 8601) OpenAI has announced for a model's end, where it has one. */
export const shutdownDate = (name: string): string | undefined => SHUTDOWN_DATES.get(name);
