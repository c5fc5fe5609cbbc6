import type { Run, RunInput } from '../../../client/index.ts';
import { isObject, jsonIn } from '../../json.ts';
import { samplesOf, settingsOf } from '../../request-of-run.ts';

/** A setting as a person edits it: all values are the texts of fields, empty where the field is left out. */
export type SettingDraft = { label: string } & { [Name in SettingField]: string };

export type Message = { role: 'system' | 'user' | 'assistant'; content: string };

/** All that the playground's form holds. */
export type Draft = {
  mode: 'prompt' | 'messages';
  prompt: string;
  messages: Message[];
  settings: SettingDraft[];
  samples: number;
  /** How many of the most probable tokens are kept at each place; 0 for none. */
  alternatives: number;
};

/** The fields of a setting, in the order in which they stand. The bounds are the API's, which checks them. */
export const SETTING_FIELDS = [
  { name: 'model', label: 'Model', kind: 'model', step: '', usual: true },
  { name: 'temperature', label: 'Temperature', kind: 'number', step: '0.1', usual: true },
  { name: 'top_p', label: 'Top-p', kind: 'number', step: '0.05', usual: true },
  { name: 'top_k', label: 'Top-k', kind: 'number', step: '1', usual: true },
  { name: 'max_tokens', label: 'Max tokens', kind: 'number', step: '1', usual: true },
  { name: 'seed', label: 'Seed', kind: 'number', step: '1', usual: false },
  { name: 'frequency_penalty', label: 'Frequency penalty', kind: 'number', step: '0.1', usual: false },
  { name: 'presence_penalty', label: 'Presence penalty', kind: 'number', step: '0.1', usual: false },
  { name: 'reasoning_effort', label: 'Reasoning effort', kind: 'text', step: '', usual: false },
  { name: 'stop', label: 'Stop (one a line)', kind: 'lines', step: '', usual: false },
] as const;

export type SettingField = (typeof SETTING_FIELDS)[number]['name'];

export const MOST_SETTINGS = 8;

export const emptySetting = (label: string): SettingDraft => ({
  label,
  ...(Object.fromEntries(SETTING_FIELDS.map(({ name }) => [name, ''])) as { [Name in SettingField]: string }),
});

/** The tutorial's question: the same prompt under top-k 40 and under top-p 0.9. */
export const firstDraft = (): Draft => ({
  mode: 'prompt',
  prompt: 'Explain vector databases in a technical manner.',
  messages: [{ role: 'user', content: '' }],
  settings: [
    { ...emptySetting('Top-k 40'), top_k: '40', temperature: '1', max_tokens: '160' },
    { ...emptySetting('Top-p 0.9'), top_p: '0.9', temperature: '1', max_tokens: '160' },
  ],
  samples: 1,
  alternatives: 10,
});

type SettingInput = NonNullable<RunInput['settings']>[number];

/** A setting as the API takes it. A number that is none is sent as it was typed, so that the API names the field. */
export const settingOf = (draft: SettingDraft): SettingInput => {
  const fields = SETTING_FIELDS.flatMap(({ name, kind }): [string, unknown][] => {
    const text = draft[name].trim();
    if (text === '') return [];
    if (kind === 'number') return [[name, Number.isFinite(Number(text)) ? Number(text) : text]];
    return [[name, kind === 'lines' ? text.split('\n').filter((line) => line !== '') : text]];
  });
  return { label: draft.label, ...Object.fromEntries(fields) } as SettingInput;
};

/** The body of POST /runs. */
export const requestOf = ({ mode, prompt, messages, settings, samples, alternatives }: Draft): RunInput => ({
  ...(mode === 'prompt' ? { prompt } : { messages }),
  settings: settings.map(settingOf),
  ...(samples > 1 && { samples }),
  ...(alternatives > 0 && { top_logprobs: alternatives }),
});

const textOf = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  return Array.isArray(value) ? value.join('\n') : String(value);
};

/** A setting as the API takes it, or as a link has it. */
const settingIn = (value: unknown): SettingDraft[] => {
  if (!isObject(value) || typeof value.label !== 'string') return [];
  const given = new Map(Object.entries(value));
  const fields = SETTING_FIELDS.map(({ name }) => [name, textOf(given.get(name))]);
  return [{ label: value.label, ...Object.fromEntries(fields) } as SettingDraft];
};

/** The draft that a run was made of, as far as its record tells; prompts of runs that are not stored are gone. */
export const draftOf = (run: Run): Draft => {
  const settings = settingsOf(run).flatMap(settingIn);
  const messages = (run.messages ?? []).filter((message): message is Message =>
    ['system', 'user', 'assistant'].includes(message.role),
  );
  const kept = run.generations[0]?.sampling.requested.top_logprobs;
  return {
    mode: run.messages === null ? 'prompt' : 'messages',
    prompt: run.prompt ?? '',
    messages:
      messages.length > 0 ? messages.map(({ role, content }) => ({ role, content })) : firstDraft().messages,
    settings: settings.length > 0 ? settings : firstDraft().settings,
    samples: samplesOf(run),
    alternatives: typeof kept === 'number' ? kept : 0,
  };
};

const countIn = (text: string | null, otherwise: number): number =>
  text !== null && /^\d{1,3}$/.test(text) ? Number(text) : otherwise;

/**
 * The draft of a link: `?prompt=…&settings=[{"label":…}]&samples=2&alternatives=5`, the settings as the API takes them.
 * Missing values are those of the first draft; undefined for an address without a request.
 */
export const draftInQuery = (query: URLSearchParams): Draft | undefined => {
  const prompt = query.get('prompt');
  if (prompt === null) return undefined;
  const first = firstDraft();
  const given = jsonIn(query.get('settings'));
  const settings = Array.isArray(given) ? given.flatMap(settingIn).slice(0, MOST_SETTINGS) : [];
  return {
    ...first,
    prompt,
    settings: settings.length > 0 ? settings : first.settings,
    samples: Math.max(1, countIn(query.get('samples'), first.samples)),
    alternatives: countIn(query.get('alternatives'), first.alternatives),
  };
};
