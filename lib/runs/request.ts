import type { Check } from '../checks/check.ts';
import { type InputIssue, InvalidInputError, issuesOf } from '../errors.ts';
import { dropAbsent, isObject, jsonBytes, own } from '../json/value.ts';
import { endpointOf } from '../sampling/asked-api.ts';
import { lifeOf, samplingOf } from '../sampling/catalogue.ts';
import { extraBodyIssues, fieldsOfEndpoint, refusedFieldIssues } from '../sampling/extra-fields.ts';
import { kindOf, makeRouteOf, makeServer, modelId, type RouteOf } from '../sampling/server.ts';
import type { Setting } from '../sampling/setting.ts';
import { notAppliedError, notAppliedIssues, upstreamBody } from '../sampling/upstream-body.ts';
import type { ReasoningItem } from './reasoning.ts';
import {
  MAX_GENERATIONS,
  type RunRequestBody,
  runRequestSchema,
  type SamplingField,
  type StoredRequestBody,
  storedRequestSchema,
} from './request-schema.ts';
import { calledWith, type ToolCall } from './tool-call.ts';

export const MAX_PROMPT_BYTES = 512 * 1024;
export const MAX_PASSED_BYTES = 64 * 1024;
export const MAX_TOOLS_BYTES = 256 * 1024;

/** A message of a conversation. An assistant's without text may have calls of tools, and a tool's answers one of them. */
export type Message = {
  role: string;
  content: string;
  name?: string;
  tool_calls?: ToolCall[];
  /** Of an assistant's message: reasoning items that came before it, for a server that speaks the Responses API. */
  reasoning?: ReasoningItem[];
  tool_call_id?: string;
};

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
  /** Whether prompt and outputs are kept once the run has ended. */
  store: boolean;
  /** Refuse sampling that the server would not apply, instead of leaving it out with a warning. */
  strictSampling: boolean;
  checks: Check[];
  metadata: Record<string, string>;
  /** The name of the conversation that the run is a turn of. */
  conversation: string | null;
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
 * A parsed JSON body that is an object.
 *
 * @throws {InvalidInputError} for any other value, and for every `__proto__` key.
 */
export const requireObject = (body: unknown): Record<string, unknown> => {
  if (!isObject(body)) throw new InvalidInputError([{ path: '', message: 'the body must be a JSON object' }]);
  const issues = prototypeKeys(body);
  if (issues.length > 0) throw new InvalidInputError(issues);
  return body;
};

/**
 * Issues for every `__proto__` key in a request, which could otherwise change an object's prototype. In the metadata,
 * whose keys are the caller's own, it is a key as any other.
 */
const prototypeKeys = (value: unknown, path = ''): InputIssue[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key) => {
    const at = path ? `${path}.${key}` : key;
    return key === '__proto__' && path !== 'metadata'
      ? [{ path: at, message: 'is not allowed as a key' }]
      : prototypeKeys(Reflect.get(value, key), at);
  });
};

/**
 * Validates a parsed JSON body as a run request, whose generations are asked from `endpoint`.
 *
 * @throws {InvalidInputError} `invalid_input` listing every wrong field.
 * @throws {InvalidInputError} `prompt_too_large` (413) when prompt or messages exceed 512 KiB of UTF-8.
 * @throws {InvalidInputError} `fields_too_large` (413), see `requireShortFields`.
 * @throws {InvalidInputError} `sampling_not_applied` when `strict_sampling` is set and a server does not apply a field,
 *   or is not known to.
 *
 * @example
 * const request = parseRunRequest({ prompt: 'Hello', samples: 3 }, { model: 'gpt-6-luna' });
 */
export const parseRunRequest = (
  body: unknown,
  defaults: RequestDefaults,
  endpoint?: Setting['endpoint'],
): RunRequest => {
  const parsed = runRequestSchema.safeParse(requireObject(body));
  if (!parsed.success) throw new InvalidInputError(issuesOf(parsed.error));
  requireShortFields(parsed.data);
  const request = resolveRequest({ ...parsed.data, ...(endpoint && { endpoint }) }, defaults);
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
 * Fields of any length, which go to the model server as they are; each generation sends and reports them, of tools the
 * names and hashes alone.
 */
const PASSED_FIELDS = [
  { fields: ['stop', 'response_format', 'extra_body'], maxBytes: MAX_PASSED_BYTES },
  { fields: ['tools', 'tool_choice'], maxBytes: MAX_TOOLS_BYTES },
];

/**
 * Refuses fields that are passed to the model server if they are above 64 KiB of JSON in UTF-8, and tools above 256 KiB:
 * those of a request, or of defaults for requests, and of all its settings together. `before` is the path of the body
 * in the caller's.
 *
 * @throws {InvalidInputError} `fields_too_large` (413), at the path of the largest.
 */
export const requireShortFields = (body: Record<string, unknown>, before = ''): void => {
  const settings = Array.isArray(body.settings) ? body.settings : [];
  for (const { fields, maxBytes } of PASSED_FIELDS) {
    const given = [
      ...passedIn(body, before, fields),
      ...settings.flatMap((setting: unknown, at) => passedIn(setting, `${before}settings.${at}.`, fields)),
    ];
    const bytes = given.reduce((sum, field) => sum + field.bytes, 0);
    const [largest] = given.toSorted((a, b) => b.bytes - a.bytes);
    if (!largest || bytes <= maxBytes) continue;
    const names = [fields.slice(0, -1).join(', '), fields.at(-1)].join(' and ');
    const message = `${names} have ${bytes} bytes of JSON together, and at most ${maxBytes} are allowed; shorten this one`;
    throw new InvalidInputError([{ path: largest.path, message }], { code: 'fields_too_large' });
  }
};

const passedIn = (
  body: unknown,
  before: string,
  fields: readonly string[],
): { path: string; bytes: number }[] =>
  fields.flatMap((field) => {
    const value = isObject(body) ? (own(body, field) ?? undefined) : undefined;
    return value === undefined ? [] : [{ path: `${before}${field}`, bytes: jsonBytes(value) }];
  });

/**
 * Reads a request that was accepted earlier. It is not validated against the deployment again: a model retired since
 * must not make its runs unreadable.
 */
export const acceptedRunRequest = (body: unknown, defaults: Pick<RequestDefaults, 'model'>): RunRequest =>
  resolveRequest(storedRequestSchema.parse(body), defaults);

/** The setting of a generation; undefined for an index that the request does not have. */
export const settingAt = (
  { settings, samples }: Pick<RunRequest, 'settings' | 'samples'>,
  index: number,
): Setting | undefined => settings[Math.floor(index / samples)];

/** UTF-8 bytes of all messages' texts, calls of tools and reasoning: an upper bound of their tokens with any tokenizer. */
export const promptBytes = ({ messages }: Pick<RunRequest, 'messages'>): number =>
  messages.flatMap(textsOf).reduce((sum, text) => sum + Buffer.byteLength(text), 0);

/** All texts in a message: its content, the names and arguments of its calls of tools, and its reasoning. */
const textsOf = (message: Message): string[] => [
  ...ownTextsOf(message),
  ...reasoningTextsOf(message),
  ...(message.tool_calls ?? []).map((call) => calledWith(call).name),
];

/** The texts of a message that somebody wrote in it: not the names of tools, which the request has anyway. */
export const ownTextsOf = ({ content, tool_calls = [] }: Message): string[] => [
  content,
  ...tool_calls.map((call) => calledWith(call).text),
];

/** The texts of reasoning items that a request sends back. */
export const reasoningTextsOf = ({ reasoning = [] }: Message): string[] =>
  reasoning.flatMap(({ summary, encrypted_content: encrypted = [] }) => [...summary, ...[encrypted].flat()]);

const resolveRequest = (body: StoredRequestBody, defaults: RequestDefaults): RunRequest => {
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
    index: body.index ?? body.store ?? true,
    store: body.store ?? true,
    strictSampling: body.strict_sampling ?? false,
    checks: body.checks ?? [],
    metadata: body.metadata ?? {},
    conversation: body.conversation ?? null,
  };
};

const resolveSetting = (
  body: StoredRequestBody,
  own: Partial<RunRequestBody> & { label: string },
  model: string,
): Setting => {
  const pick = <K extends SamplingField>(field: K) => own[field] ?? body[field];
  const topLogprobs = pick('top_logprobs');
  // Alternatives stand beside the token's own, so they ask for it too. Servers take a 0 with logprobs alone.
  const logprobs = pick('logprobs') ?? (topLogprobs ? true : undefined);
  return dropAbsent({
    label: own.label,
    model: own.model ?? model,
    endpoint: body.endpoint,
    maxTokens: pick('max_tokens') ?? 1024,
    reasoningEffort: pick('reasoning_effort'),
    reasoningSummary: pick('reasoning_summary'),
    temperature: pick('temperature'),
    topP: pick('top_p'),
    topK: pick('top_k'),
    frequencyPenalty: pick('frequency_penalty'),
    presencePenalty: pick('presence_penalty'),
    seed: pick('seed'),
    stop: pick('stop'),
    logprobs,
    topLogprobs: logprobs ? topLogprobs : undefined,
    responseFormat: pick('response_format'),
    tools: pick('tools'),
    toolChoice: pick('tool_choice'),
    parallelToolCalls: pick('parallel_tool_calls'),
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
  if (request.index && !request.store) {
    issues.push({
      path: 'index',
      message: 'needs stored outputs, and store is false; leave out index or store',
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
  const isAllowed = (model: string) => allowedModels?.includes(model) ?? true;
  for (const [at, { model }] of request.settings.entries()) {
    const path = body.settings?.[at]?.model === undefined ? 'model' : `settings.${at}.model`;
    const route = routeOf(model);
    const { retired_on: retired, replacement } = lifeOf(route.server, route.model);
    if (retired !== null) {
      const instead = replacement === null ? '' : `; use ${replacement}`;
      issues.push({ path, message: `was retired on ${retired}${instead}` });
    } else if (allowedModels && ![model, modelId(route.provider, route.model)].some(isAllowed)) {
      issues.push({ path, message: `is not allowed here; use one of ${allowedModels.join(', ')}` });
    }
  }
  issues.push(...alternativesIssues(body), ...toolIssues(body, request, routeOf));
  if (body.extra_body) issues.push(...refusedFieldIssues(body.extra_body));
  for (const [at, setting] of request.settings.entries()) {
    const { model, extraBody } = setting;
    if (!extraBody) continue;
    const { server, model: name } = routeOf(model);
    const path = body.settings?.[at]?.extra_body === undefined ? 'extra_body' : `settings.${at}.extra_body`;
    const endpoint = endpointOf({ ...setting, model: name }, server);
    const extra = { ...samplingOf(server, name).extra, ...fieldsOfEndpoint(endpoint) };
    issues.push(...extraBodyIssues(extraBody, { kind: kindOf(server, name), extra }, path));
  }
  return unique(issues);
};

/** Issues of alternatives that are asked for where log probabilities are turned off, at the field that says so. */
const alternativesIssues = (body: RunRequestBody): InputIssue[] => {
  const settings = body.settings ?? [undefined];
  return settings.flatMap((setting, at): InputIssue[] => {
    const top = setting?.top_logprobs ?? body.top_logprobs ?? 0;
    if (top === 0 || (setting?.logprobs ?? body.logprobs) !== false) return [];
    const path = setting?.top_logprobs === undefined ? 'top_logprobs' : `settings.${at}.top_logprobs`;
    const off = setting?.logprobs === undefined ? 'logprobs' : `settings.${at}.logprobs`;
    return [
      { path, message: `needs log probabilities, and ${off} is false; leave that out, or set it to true` },
    ];
  });
};

/** Fields that say how tools are called, and mean nothing without any. */
const OF_TOOLS = ['tool_choice', 'parallel_tool_calls'] as const;

/** Issues of tools that a model does not take, or not as the request asks for them. */
const toolIssues = (body: RunRequestBody, { settings }: RunRequest, routeOf: RouteOf): InputIssue[] =>
  settings.flatMap((setting, at): InputIssue[] => {
    const own = body.settings?.[at];
    const placeOf = (field: SamplingField) =>
      own?.[field] === undefined ? field : `settings.${at}.${field}`;
    if (!setting.tools)
      return OF_TOOLS.filter((field) => (own?.[field] ?? body[field]) !== undefined).map((field) => ({
        path: placeOf(field),
        message: 'needs tools; add them, or leave this out',
      }));
    const { server, model } = routeOf(setting.model);
    const { tools } = samplingOf(server, model);
    const effort = setting.reasoningEffort ?? 'none';
    if (tools === 'never')
      return [{ path: placeOf('tools'), message: `${setting.model} does not take tools; set another model` }];
    if (tools !== 'at_effort_none' || effort === 'none') return [];
    if (endpointOf({ ...setting, model }, server) === 'responses') return [];
    const message = `must be "none" or left out: ${setting.model} takes tools only with it on chat completions, and the operator has set no other API for it`;
    return [{ path: placeOf('reasoning_effort'), message }];
  });

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
