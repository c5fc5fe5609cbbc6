import type { ComparisonRequest } from '../../client/index.ts';
import { type Draft, OBJECTIVES, type Problem } from './draft.ts';
import { FIELDS, MAX_SETTINGS } from './settings.ts';

const MAX_PROMPTS = 50;
const MAX_SAMPLES = 64;
const MAX_GENERATIONS = 2_000;
const MAX_RUNS = 250;

export type Size = { blocks: number; generations: number };

/** The number of blocks and answers that a request asks for; undefined where its samples are no number. */
export const sizeOf = ({ prompts, settings, samples }: ComparisonRequest): Size | undefined => {
  const count = samples ?? 1;
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1) return undefined;
  const blocks = prompts.length * count;
  return { blocks, generations: blocks * settings.length };
};

/** The API's limits that a request exceeds, before it is sent. */
export const beyondLimits = (request: ComparisonRequest): Problem[] => {
  const { prompts, settings, samples } = request;
  const size = sizeOf(request);
  const models = new Set(settings.map(({ model }) => model ?? null)).size;
  const beyond: [boolean, string, string][] = [
    [
      prompts.length > MAX_PROMPTS,
      'prompts',
      `${prompts.length} prompts; a comparison takes ${MAX_PROMPTS} at most`,
    ],
    [
      settings.length > MAX_SETTINGS,
      'settings',
      `${settings.length} settings; a comparison takes ${MAX_SETTINGS} at most`,
    ],
    [(samples ?? 1) > MAX_SAMPLES, 'samples', `must be ${MAX_SAMPLES} at most`],
    [
      (size?.generations ?? 0) > MAX_GENERATIONS,
      'samples',
      `${size?.generations.toLocaleString('en-US')} answers; a comparison has ${MAX_GENERATIONS.toLocaleString('en-US')} at most: take fewer samples, prompts or settings`,
    ],
    [
      (size?.blocks ?? 0) + models > MAX_RUNS,
      'samples',
      `${size?.blocks} blocks and ${models} warm-up${models === 1 ? '' : 's'}; a comparison has ${MAX_RUNS} at most: take fewer samples or prompts`,
    ],
  ];
  return beyond.flatMap(([isBeyond, path, message]) => (isBeyond ? [{ path, message }] : []));
};

/** The fields that must be written before the API can be asked. */
export const missingIn = (draft: Draft, { settings }: ComparisonRequest): Problem[] => [
  ...draft.prompts.flatMap((prompt, at) =>
    ('text' in prompt ? prompt.text.trim() !== '' : prompt.messages.length > 0)
      ? []
      : [{ path: `prompts.${at}`, message: 'Write a prompt' }],
  ),
  ...(draft.prompts.length === 0 ? [{ path: 'prompts', message: 'Add a prompt' }] : []),
  ...(settings.length === 0 ? [{ path: 'settings', message: 'Give a field at least one value' }] : []),
  ...settings.flatMap(({ label }, at) =>
    label === '' ? [{ path: `settings.${at}.label`, message: 'Name this setting' }] : [],
  ),
];

/**
 * Where the form shows each problem: by the path of a control, the messages. In a matrix, a setting's field is that of its
 * dimension. Those without a control stand under ``.
 */
export const placed = (problems: readonly Problem[], draft: Draft): Map<string, string> => {
  const places = new Map<string, Set<string>>();
  for (const problem of problems) {
    const place = placeOf(problem.path, draft);
    const words =
      place === '' && problem.path !== '' ? `${problem.path}: ${problem.message}` : problem.message;
    places.set(place, (places.get(place) ?? new Set()).add(words));
  }
  return new Map([...places].map(([place, messages]) => [place, [...messages].join('; ')]));
};

const CONTROLS: ReadonlySet<string> = new Set([
  ...['name', 'prompts', 'settings', 'samples', 'max_tokens', 'other'],
  ...OBJECTIVES.map(({ name }) => `objectives.${name}`),
]);

const placeOf = (path: string, draft: Draft): string => {
  if (CONTROLS.has(path)) return path;
  const [head = '', at = '', field = ''] = path.split('.');
  if (head === 'metadata') return 'metadata';
  if (head === 'prompts') return draft.prompts[Number(at)] ? `prompts.${at}` : '';
  if (head === 'checks') return draft.checks[Number(at)] ? `checks.${at}` : '';
  if (head !== 'settings') return '';
  if (draft.by === 'matrix')
    return draft.dimensions.some((dimension) => dimension.field === field)
      ? `dimension.${field}`
      : 'settings';
  if (!draft.rows[Number(at)]) return 'settings';
  const isControl = field === 'label' || FIELDS.some(({ name }) => name === field);
  return isControl ? `settings.${at}.${field}` : `settings.${at}.other`;
};
