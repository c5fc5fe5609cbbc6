import * as z from 'zod';
import { type InputIssue, InvalidInputError, issuesOf } from '../errors.ts';
import { makeLineParser } from '../files/work/line-run.ts';
import { isObject } from '../json/value.ts';
import type { RequestDefaults, RunRequest } from '../runs/request.ts';
import { message, optional, runRequestSchema, setting, text, whole } from '../runs/request-schema.ts';

const MAX_PROMPTS = 50;
const MAX_SETTINGS = 16;
const MAX_SAMPLES = 64;
const MAX_NAME = 200;
export const MAX_COMPARED = 2_000;
/** Upper bound of blocks and warm-ups together. */
export const MAX_RUNS = 250;
/** Metadata keys that a comparison sets on its runs. */
const OWN_KEYS = ['comparison', 'block', 'prompt', 'warm_up'] as const;
const MAX_METADATA = 16 - OWN_KEYS.length;

/** Without messages of their own, the bounds would take the array's. */
const oneTo = <T extends z.ZodType>(most: number, array: z.ZodArray<T>): z.ZodArray<T> =>
  array.min(1, `must have 1 to ${most} entries`).max(most, `must have 1 to ${most} entries`);

const milliseconds = () => optional(z.number('must be a number').positive('must be above 0'));

const prompt = z.preprocess(
  (value) => (typeof value === 'string' ? { prompt: value } : value),
  z.strictObject(
    { prompt: runRequestSchema.shape.prompt, messages: optional(z.array(message).min(1).max(1_000)) },
    { error: (issue) => (issue.code === 'invalid_type' ? 'must be a text or {messages}' : undefined) },
  ),
);

/** The body of POST /comparisons, on the wire. All fields that it shares with POST /runs mean the same as there. */
export const comparisonRequestSchema = runRequestSchema
  .omit({
    ...{ prompt: true, messages: true, settings: true, samples: true },
    ...{ stream: true, background: true, store: true, conversation: true },
  })
  .extend({
    name: optional(
      text()
        .max(MAX_NAME, `must have at most ${MAX_NAME} characters`)
        .refine((name) => name.trim() !== '', 'must not be blank'),
    ),
    prompts: oneTo(MAX_PROMPTS, z.array(prompt, 'must be an array')),
    settings: oneTo(MAX_SETTINGS, z.array(setting, 'must be an array')),
    samples: whole(1, MAX_SAMPLES),
    objectives: optional(
      z.strictObject({
        max_ttft_ms: milliseconds(),
        max_e2e_ms: milliseconds(),
        max_tpot_ms: milliseconds(),
      }),
    ),
  });

type Body = z.output<typeof comparisonRequestSchema>;
type Fields = Record<string, unknown>;

/** The limits within which a generation counts as good; it must meet all that are given. */
export type Objectives = { max_ttft_ms?: number; max_e2e_ms?: number; max_tpot_ms?: number };

/** A parsed comparison. `prompts`, `settings` and `shared` keep the wire format, for the run requests made of them. */
export type ComparisonRequest = {
  name: string | null;
  prompts: Fields[];
  settings: (Fields & { label: string; model: string })[];
  shared: Fields;
  samples: number;
  index: boolean;
  hasChecks: boolean;
  objectives: Objectives | null;
  metadata: Record<string, string>;
};

/**
 * Parses a comparison from a JSON body.
 * @throws {InvalidInputError} naming every wrong field (as POST /runs words it) and every exceeded limit.
 */
export const parseComparison = async (
  body: unknown,
  defaults: RequestDefaults,
): Promise<ComparisonRequest> => {
  if (!isObject(body)) {
    throw new InvalidInputError([{ path: '', message: 'the body must be a JSON object' }]);
  }
  const parsed = comparisonRequestSchema.safeParse(body);
  if (!parsed.success) throw new InvalidInputError(inCallersPaths(issuesOf(parsed.error), body));
  const {
    name = null,
    prompts,
    settings,
    samples = 1,
    objectives,
    index = true,
    metadata = {},
    ...fields
  } = parsed.data;
  const shared = present(fields);
  const runs = await asRuns(prompts.map(present), { ...shared, settings: settings.map(present) }, defaults);
  const models = runs[0]?.settings.map(({ model }) => model) ?? [];
  const request: ComparisonRequest = {
    name,
    prompts: prompts.map(present),
    settings: settings.map((own, at) => ({
      ...present(own),
      label: own.label,
      model: models[at] ?? defaults.model,
    })),
    shared,
    samples,
    index,
    hasChecks: (fields.checks ?? []).length > 0,
    objectives: objectivesOf(objectives),
    metadata,
  };
  const issues = [...boundIssues(request), ...metadataIssues(metadata)];
  if (issues.length > 0) throw new InvalidInputError(issues);
  return request;
};

/** Parses each prompt with the settings as a run request, so that an invalid one is refused before any run exists. */
const asRuns = async (prompts: Fields[], rest: Fields, defaults: RequestDefaults): Promise<RunRequest[]> => {
  const issues: InputIssue[] = [];
  const runs: RunRequest[] = [];
  const parser = makeLineParser(defaults);
  let code: string | undefined;
  let more = 0;
  for (const [at, prompt] of prompts.entries()) {
    try {
      runs.push(await parser.parse({ body: { ...prompt, ...rest } }));
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      code ??= error.code;
      // Most of them are of the settings, which every prompt repeats: count them once.
      more = Math.max(more, error.more);
      issues.push(
        ...error.issues.map(({ path, message }) => ({
          path: /^(prompt|messages)\b/.test(path) ? `prompts.${at}${afterPrompt(path)}` : path,
          message,
        })),
      );
    }
  }
  // An error in the settings repeats for every prompt: keep it once.
  const distinct = [...new Map(issues.map((issue) => [`${issue.path} ${issue.message}`, issue])).values()];
  if (code !== undefined) throw new InvalidInputError(distinct, { code, more });
  return runs;
};

const afterPrompt = (path: string): string => (path === 'prompt' ? '' : `.${path}`);

/** Corrects the paths of prompts that were sent as plain texts: they have no field `prompt`. */
const inCallersPaths = (issues: InputIssue[], body: Fields | object): InputIssue[] => {
  const sent = 'prompts' in body && Array.isArray(body.prompts) ? body.prompts : [];
  return issues.map(({ path, message }) => {
    const at = /^prompts\.(\d+)\.prompt$/.exec(path)?.[1];
    return {
      path: at !== undefined && typeof sent[Number(at)] === 'string' ? `prompts.${at}` : path,
      message,
    };
  });
};

const present = (fields: object): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));

const objectivesOf = (objectives: Body['objectives']): Objectives | null => {
  const stated: Objectives = present(objectives ?? {});
  return Object.keys(stated).length > 0 ? stated : null;
};

const boundIssues = ({ prompts, settings, samples }: ComparisonRequest): InputIssue[] => {
  const blocks = prompts.length * samples;
  const warmUps = new Set(settings.map(({ model }) => model)).size;
  const generations = blocks * settings.length;
  return [
    ...(generations > MAX_COMPARED
      ? [
          {
            path: 'samples',
            message: `prompts x settings x samples is ${generations}; a comparison has at most ${MAX_COMPARED} generations`,
          },
        ]
      : []),
    ...(blocks + warmUps > MAX_RUNS
      ? [
          {
            path: 'samples',
            message: `prompts x samples is ${blocks}, with a warm-up for each model ${blocks + warmUps} runs; a comparison has at most ${MAX_RUNS}`,
          },
        ]
      : []),
  ];
};

const metadataIssues = (metadata: Record<string, string>): InputIssue[] => [
  ...OWN_KEYS.filter((key) => Object.hasOwn(metadata, key)).map((key) => ({
    path: `metadata.${key}`,
    message: 'is set by the comparison itself; use another key',
  })),
  ...(Object.keys(metadata).length > MAX_METADATA
    ? [
        {
          path: 'metadata',
          message: `holds more than ${MAX_METADATA} pairs; a comparison adds ${OWN_KEYS.length} of its own`,
        },
      ]
    : []),
];
