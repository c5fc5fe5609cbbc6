import * as z from 'zod';
import { type Check, checkSchema } from '../checks/check.ts';
import { type InputIssue, InvalidInputError } from '../errors.ts';
import type { Message } from '../generate/model.ts';
import { lifeOf } from '../sampling/catalogue.ts';
import { extraBodyIssues } from '../sampling/extra-body.ts';
import { notAppliedError, notAppliedIssues } from '../sampling/not-applied.ts';
import { makeRouteOf, type RouteOf } from '../sampling/routes.ts';
import { makeServer } from '../sampling/server.ts';
import { upstreamBody } from '../sampling/upstream-body.ts';

export const MAX_GENERATIONS = 64;
export const MAX_PROMPT_BYTES = 512 * 1024;

const wellFormed = (text: string): boolean => text.isWellFormed();
const text = () => z.string().refine(wellFormed, 'must be valid Unicode: it holds a lone surrogate');

/** `null` means absent, everywhere. */
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === null ? undefined : value), schema.optional());

const range = (schema: z.ZodNumber, min: number, max: number, what: string) =>
  optional(
    schema
      .min(min, `must be ${what} from ${min} to ${max}`)
      .max(max, `must be ${what} from ${min} to ${max}`),
  );
const number = (min: number, max: number) => range(z.number('must be a number'), min, max, 'a number');
const whole = (min: number, max: number) =>
  range(z.int('must be a whole number'), min, max, 'a whole number');

const sampling = {
  model: optional(text().min(1).max(200)),
  reasoning_effort: optional(z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh'])),
  max_tokens: whole(1, 131_072),
  temperature: number(0, 2),
  top_p: optional(
    z.number('must be a number').gt(0, 'must be above 0, at most 1').max(1, 'must be above 0, at most 1'),
  ),
  top_k: optional(z.int('must be a whole number').min(1, 'must be at least 1')),
  frequency_penalty: number(-2, 2),
  presence_penalty: number(-2, 2),
  seed: optional(z.int()),
  stop: optional(
    z.preprocess(
      (value) => (typeof value === 'string' ? [value] : value),
      z.array(text().min(1)).min(1).max(4),
    ),
  ),
  logprobs: optional(z.boolean()),
  response_format: optional(z.looseObject({ type: z.enum(['text', 'json_object', 'json_schema']) })),
  extra_body: optional(z.record(z.string(), z.unknown())),
};

const metadata = z
  .record(text().min(1).max(64), text().max(512))
  .refine((pairs) => Object.keys(pairs).length <= 16, 'holds more than 16 pairs');

export const message = z.strictObject({
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: text().refine((content) => content.trim() !== '', 'must not be blank'),
  name: optional(text().max(64)),
});

export const setting = z.strictObject({ label: text().min(1).max(100), ...sampling });

/** The body of POST /runs, on the wire. */
export const runRequestSchema = z.strictObject({
  prompt: optional(text().refine((prompt) => prompt.trim() !== '', 'must not be blank')),
  messages: optional(z.array(message).min(1).max(1_000)),
  ...sampling,
  settings: optional(z.array(setting).min(1).max(MAX_GENERATIONS)),
  samples: whole(1, MAX_GENERATIONS),
  stream: optional(z.boolean()),
  background: optional(z.boolean()),
  index: optional(z.boolean()),
  strict_sampling: optional(z.boolean()),
  checks: optional(z.array(checkSchema).min(1).max(20)),
  metadata: optional(metadata),
});

export type RunRequestBody = z.output<typeof runRequestSchema>;

/** A labelled choice of model and sampling, with the run's own fields already underneath. Absent: not sent upstream. */
export type Setting = {
  label: string;
  model: string;
  maxTokens: number;
  reasoningEffort?: string;
  temperature?: number;
  topP?: number;
  topK?: number;
  frequencyPenalty?: number;
  presencePenalty?: number;
  seed?: number;
  stop?: string[];
  logprobs?: boolean;
  /** OpenAI's `response_format`, sent as it is. */
  responseFormat?: Record<string, unknown>;
  extraBody?: Record<string, unknown>;
};

/** A run as asked for: one prompt x settings x samples. Generation index = setting x samples + sample. */
export type RunRequest = {
  model: string;
  prompt: string | null;
  messages: Message[];
  settings: Setting[];
  samples: number;
  stream: boolean;
  background: boolean;
  index: boolean;
  /** Refuse what the server would not apply as asked, instead of leaving it out with a warning. */
  strictSampling: boolean;
  checks: Check[];
  metadata: Record<string, string>;
};

/**
 * What a request is read with: the model where none is named, the ones allowed (all, when undefined), and where a
 * model is asked for (a server of which nothing is known, when undefined). Only what is configured counts: what a
 * process learns from a server must not make the same request good here and bad there.
 */
export type RequestDefaults = {
  model: string;
  allowedModels?: string[] | undefined;
  routeOf?: RouteOf | undefined;
};

const SOME_SERVER: RouteOf = makeRouteOf(makeServer(''), new Map());

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keys that would reach an object's prototype anywhere in a JSON value, as dotted paths. */
const prototypeKeys = (value: unknown, path = ''): InputIssue[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key) => {
    const at = path ? `${path}.${key}` : key;
    return key === '__proto__'
      ? [{ path: at, message: 'is not allowed as a key' }]
      : prototypeKeys(Reflect.get(value, key), at);
  });
};

/** Zod's issues in our words: one a place, unknown fields by their own names. */
export const issuesOf = (error: z.ZodError): InputIssue[] =>
  error.issues.flatMap((issue): InputIssue[] => {
    const path = issue.path.join('.');
    return issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: path ? `${path}.${key}` : key, message: 'is not a known field' }))
      : [{ path, message: issue.message }];
  });

/**
 * A run request from a parsed JSON body. Throws `InvalidInputError` naming every wrong field; `prompt_too_large`
 * (413) when prompt or messages pass 512 KiB of UTF-8; `sampling_not_applied` when `strict_sampling` asks for what a
 * server is known not to apply, or is not known to apply.
 */
export const parseRunRequest = (body: unknown, defaults: RequestDefaults): RunRequest => {
  if (!isObject(body)) throw new InvalidInputError([{ path: '', message: 'the body must be a JSON object' }]);
  const early = prototypeKeys(body);
  if (early.length > 0) throw new InvalidInputError(early);
  const parsed = runRequestSchema.safeParse(body);
  if (!parsed.success) throw new InvalidInputError(issuesOf(parsed.error));
  const request = resolveRequest(parsed.data, defaults);
  const problems = problemsOf(parsed.data, request, defaults);
  if (problems.length > 0) throw new InvalidInputError(problems);
  if (promptBytes(request) > MAX_PROMPT_BYTES) {
    throw new InvalidInputError(
      [
        {
          path: request.prompt === null ? 'messages' : 'prompt',
          message: `is over ${MAX_PROMPT_BYTES} bytes of UTF-8`,
        },
      ],
      { code: 'prompt_too_large' },
    );
  }
  if (request.strictSampling) refuseUnapplied(parsed.data, request, defaults);
  return request;
};

/**
 * A request that was accepted earlier. What it may ask for was decided then: a model that was retired since must not
 * make its run unreadable.
 */
export const acceptedRunRequest = (body: unknown, defaults: Pick<RequestDefaults, 'model'>): RunRequest =>
  resolveRequest(runRequestSchema.parse(body), defaults);

/** UTF-8 bytes of everything that is said to the model: no tokenizer makes more tokens of it than this. */
export const promptBytes = ({ messages }: Pick<RunRequest, 'messages'>): number =>
  messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);

const resolveRequest = (body: RunRequestBody, defaults: RequestDefaults): RunRequest => {
  const model = body.model ?? defaults.model;
  const base = body.settings ?? [{ label: 'default' }];
  return {
    model,
    prompt: body.prompt ?? null,
    messages:
      body.prompt === undefined
        ? (body.messages ?? []).map(toMessage)
        : [{ role: 'user', content: body.prompt }],
    settings: base.map((setting) => resolveSetting(body, setting, model)),
    samples: body.samples ?? 1,
    stream: body.stream ?? false,
    background: body.background ?? false,
    index: body.index ?? true,
    strictSampling: body.strict_sampling ?? false,
    checks: body.checks ?? [],
    metadata: body.metadata ?? {},
  };
};

const toMessage = ({ role, content, name }: z.output<typeof message>): Message => ({
  role,
  content,
  ...(name === undefined ? {} : { name }),
});

const resolveSetting = (
  body: RunRequestBody,
  own: Partial<RunRequestBody> & { label: string },
  model: string,
): Setting => {
  const pick = <K extends keyof typeof sampling>(field: K) => own[field] ?? body[field];
  return dropAbsent({
    label: own.label,
    model: own.model ?? model,
    maxTokens: pick('max_tokens') ?? 1024,
    reasoningEffort: pick('reasoning_effort'),
    temperature: pick('temperature'),
    topP: pick('top_p'),
    topK: pick('top_k'),
    frequencyPenalty: pick('frequency_penalty'),
    presencePenalty: pick('presence_penalty'),
    seed: pick('seed'),
    stop: pick('stop'),
    logprobs: pick('logprobs'),
    responseFormat: pick('response_format'),
    extraBody: pick('extra_body'),
  });
};

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

const dropAbsent = <T extends object>(value: T): Defined<T> =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Defined<T>;

const problemsOf = (
  body: RunRequestBody,
  request: RunRequest,
  { allowedModels, routeOf = SOME_SERVER }: RequestDefaults,
): InputIssue[] => {
  const issues: InputIssue[] = [];
  if ((body.prompt === undefined) === (body.messages === undefined)) {
    issues.push({ path: 'prompt', message: 'give either prompt or messages' });
  }
  if (request.stream && request.background) {
    issues.push({ path: 'stream', message: 'a background run cannot be streamed; leave one of the two out' });
  }
  const labels = request.settings.map(({ label }) => label);
  labels.forEach((label, at) => {
    if (labels.indexOf(label) !== at) {
      issues.push({ path: `settings.${at}.label`, message: 'is used twice; labels are unique' });
    }
  });
  const generations = request.settings.length * request.samples;
  if (generations > MAX_GENERATIONS) {
    issues.push({
      path: 'samples',
      message: `settings x samples is ${generations}; a run has at most ${MAX_GENERATIONS} generations`,
    });
  }
  for (const [at, { model }] of request.settings.entries()) {
    const path = body.settings?.[at]?.model === undefined ? 'model' : `settings.${at}.model`;
    const route = routeOf(model);
    const { retired_on: retired, replacement } = lifeOf(route.server, route.model);
    if (retired !== null) {
      const instead = replacement === null ? '' : `; use ${replacement}`;
      issues.push({ path, message: `was retired on ${retired}${instead}` });
    } else if (allowedModels && !allowedModels.includes(model)) {
      issues.push({ path, message: `is not allowed here; allowed: ${allowedModels.join(', ')}` });
    }
  }
  const extraBodies = [
    { extraBody: body.extra_body, path: 'extra_body' },
    ...(body.settings ?? []).map((own, at) => ({
      extraBody: own.extra_body,
      path: `settings.${at}.extra_body`,
    })),
  ];
  for (const { extraBody, path } of extraBodies)
    if (extraBody) issues.push(...extraBodyIssues(extraBody, path));
  return unique(issues);
};

const refuseUnapplied = (
  body: RunRequestBody,
  { settings }: RunRequest,
  { routeOf = SOME_SERVER }: RequestDefaults,
): void => {
  const issues = settings.flatMap((setting, at) => {
    const route = routeOf(setting.model);
    const { notApplied } = upstreamBody({ ...setting, model: route.model }, route.server);
    return notAppliedIssues(notApplied, (field) => pathOf(field, body, at));
  });
  if (issues.length > 0) throw notAppliedError(unique(issues));
};

/** Where a field of the body for the model server stands in the request: in a setting, or beside them. */
const pathOf = (field: string, body: RunRequestBody, at: number): string => {
  const own: Record<string, unknown> = body.settings?.[at] ?? {};
  const extra = own.extra_body ?? body.extra_body;
  const isExtra = isObject(extra) && Object.hasOwn(extra, field);
  const name = isExtra ? 'extra_body' : field;
  const path = own[name] === undefined ? name : `settings.${at}.${name}`;
  return isExtra ? `${path}.${field}` : path;
};

const unique = (issues: InputIssue[]): InputIssue[] => [
  ...new Map(issues.map((issue) => [`${issue.path} ${issue.message}`, issue])).values(),
];
