import type { Check } from '../checks/check.ts';
import { type InputIssue, InvalidInputError, issuesOf } from '../errors.ts';
import { dropAbsent, isObject, own } from '../json/value.ts';
import { lifeOf } from '../sampling/catalogue.ts';
import { makeRouteOf, makeServer, type RouteOf } from '../sampling/server.ts';
import { extraBodyIssues, type Setting } from '../sampling/setting.ts';
import { notAppliedError, notAppliedIssues, upstreamBody } from '../sampling/upstream-body.ts';
import {
  MAX_GENERATIONS,
  type RunRequestBody,
  runRequestSchema,
  type SamplingField,
} from './request-schema.ts';

export const MAX_PROMPT_BYTES = 512 * 1024;

export type Message = { role: string; content: string; name?: string };

/** A requested run: one prompt x settings x samples. Generation index = setting index x samples + sample index. */
export type RunRequest = {
  model: string;
  prompt: string | null;
  messages: Message[];
  settings: Setting[];
  samples: number;
  stream: boolean;
  background: boolean;
  index: boolean;
  /** Refuse sampling that the server would not apply, instead of leaving it out with a warning. */
  strictSampling: boolean;
  checks: Check[];
  metadata: Record<string, string>;
};

/**
 * The deployment's settings for parsing requests: the default model, the allowed models (undefined: all) and the route
 * of a model to its server (undefined: a server of unknown kind). Only configuration counts: facts that one process
 * learns from a server must not make the same request valid in one process and invalid in another.
 */
export type RequestDefaults = {
  model: string;
  allowedModels?: string[] | undefined;
  routeOf?: RouteOf | undefined;
};

const UNKNOWN_SERVER: RouteOf = makeRouteOf(makeServer(''), new Map());

/**
 * Issues for every `__proto__` key in a request, which could otherwise change an object's prototype. In the metadata,
 * whose keys are the caller's own, it is a key as any other.
 */
export const prototypeKeys = (value: unknown, path = ''): InputIssue[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key) => {
    const at = path ? `${path}.${key}` : key;
    return key === '__proto__' && path !== 'metadata'
      ? [{ path: at, message: 'is not allowed as a key' }]
      : prototypeKeys(Reflect.get(value, key), at);
  });
};

/**
 * Validates a parsed JSON body as a run request.
 *
 * @throws {InvalidInputError} `invalid_input` listing every wrong field.
 * @throws {InvalidInputError} `prompt_too_large` (413) when prompt or messages exceed 512 KiB of UTF-8.
 * @throws {InvalidInputError} `sampling_not_applied` when `strict_sampling` is set and a server does not apply a field,
 *   or is not known to.
 *
 * @example
 * const request = parseRunRequest({ prompt: 'Hello', samples: 3 }, { model: 'gpt-6-luna' });
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
          message: `must be at most ${MAX_PROMPT_BYTES} bytes of UTF-8`,
        },
      ],
      { code: 'prompt_too_large' },
    );
  }
  if (request.strictSampling) refuseUnapplied(parsed.data, request, defaults);
  return request;
};

/**
 * Reads a request that was accepted earlier. It is not validated against the deployment again: a model retired since
 * must not make its runs unreadable.
 */
export const acceptedRunRequest = (body: unknown, defaults: Pick<RequestDefaults, 'model'>): RunRequest =>
  resolveRequest(runRequestSchema.parse(body), defaults);

/** UTF-8 bytes of all message contents: an upper bound of their tokens with any tokenizer. */
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
        ? (body.messages ?? []).map((message) => dropAbsent(message))
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

const resolveSetting = (
  body: RunRequestBody,
  own: Partial<RunRequestBody> & { label: string },
  model: string,
): Setting => {
  const pick = <K extends SamplingField>(field: K) => own[field] ?? body[field];
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

const problemsOf = (
  body: RunRequestBody,
  request: RunRequest,
  { allowedModels, routeOf = UNKNOWN_SERVER }: RequestDefaults,
): InputIssue[] => {
  const issues: InputIssue[] = [];
  if ((body.prompt === undefined) === (body.messages === undefined)) {
    issues.push({ path: 'prompt', message: 'give either prompt or messages' });
  }
  if (request.stream && request.background) {
    issues.push({
      path: 'stream',
      message: 'a background run cannot be streamed; leave out stream or background',
    });
  }
  const labels = request.settings.map(({ label }) => label);
  labels.forEach((label, at) => {
    if (labels.indexOf(label) !== at) {
      issues.push({
        path: `settings.${at}.label`,
        message: 'is used twice; give each setting its own label',
      });
    }
  });
  const generations = request.settings.length * request.samples;
  if (generations > MAX_GENERATIONS) {
    issues.push({
      path: 'samples',
      message: `settings x samples is ${generations}; ask for at most ${MAX_GENERATIONS} generations in a run`,
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
      issues.push({ path, message: `is not allowed here; use one of ${allowedModels.join(', ')}` });
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
  { routeOf = UNKNOWN_SERVER }: RequestDefaults,
): void => {
  const issues = settings.flatMap((setting, at) => {
    const route = routeOf(setting.model);
    const { notApplied } = upstreamBody({ ...setting, model: route.model }, route.server);
    return notAppliedIssues(notApplied, (field) => pathOf(field, body, at));
  });
  if (issues.length > 0) throw notAppliedError(unique(issues));
};

/** Request path of a field in the model server's body: inside a setting, or at the top level. */
const pathOf = (field: string, body: RunRequestBody, at: number): string => {
  const setting: Record<string, unknown> = body.settings?.[at] ?? {};
  const extra = setting.extra_body ?? body.extra_body;
  const isExtra = isObject(extra) && Object.hasOwn(extra, field);
  const name = isExtra ? 'extra_body' : field;
  const path = own(setting, name) === undefined ? name : `settings.${at}.${name}`;
  return isExtra ? `${path}.${field}` : path;
};

const unique = (issues: InputIssue[]): InputIssue[] => [
  ...new Map(issues.map((issue) => [`${issue.path} ${issue.message}`, issue])).values(),
];
