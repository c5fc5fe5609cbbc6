import { cutText, type InputIssue, InvalidInputError } from '../errors.ts';
import { own } from '../json/value.ts';
import { endpointOf } from './asked-api.ts';
import { lifeOf, refusesUnknownFields, samplingOf } from './catalogue.ts';
import type { ModelSampling, Takes, TokenLimit } from './catalogue-row.ts';
import { API_FIELDS, fieldsOfEndpoint } from './extra-fields.ts';
import { refusalKeyOf } from './refusals.ts';
import { asResponsesFields, ENCRYPTED_REASONING, isNotOfResponses } from './responses-fields.ts';
import { kindOf, type Server, type ServerKind, serverName } from './server.ts';
import {
  type Endpoint,
  reportedFields,
  requestedFields,
  type SamplingReport,
  type Setting,
} from './setting.ts';

/** Bounds of the warnings in one report, and of the characters in each. */
const MAX_WARNINGS = 20;
const MAX_WARNING = 500;

type Body = Record<string, unknown>;

/** A requested field that the server does not apply, or is not known to apply, and why. */
export type NotApplied = { field: string; reason: string };

export type UpstreamBody = {
  /** The endpoint that takes the body; undefined: that of chat completions. */
  endpoint: Endpoint | undefined;
  body: Body;
  /** Whether to request usage in the stream (`stream_options.include_usage`). */
  includeUsage: boolean;
  sampling: SamplingReport;
  notApplied: NotApplied[];
};

/** A body under construction: each rule changes `sent` and adds the reason to `warnings`. */
type Draft = {
  model: string;
  endpoint: Endpoint | undefined;
  kind: ServerKind;
  takes: ModelSampling;
  requested: Body;
  sent: Body;
  warnings: string[];
  notApplied: NotApplied[];
};

/**
 * Builds the request body for a setting (without model, messages and stream options) and the report of its sampling.
 * `requested` and `effective` use the API's field names, `sent` the server's. A field is null in `effective` when it
 * was not sent, or when the server is not known to apply it; `notApplied` gives the reason for each. Fields absent
 * from the setting are not sent, with two exceptions: the token limit is always sent, and so is the
 * `reasoning_effort: "none"` that some models require for temperature and top_p.
 *
 * @example
 * const { body, sampling } = upstreamBody(setting, server); // on OpenAI, with temperature 0.5 and top_k 40:
 * body // { temperature: 0.5, max_completion_tokens: 100 }
 * sampling.effective // { temperature: 0.5, max_tokens: 100, top_k: null }
 */
export const upstreamBody = (setting: Setting, server: Server): UpstreamBody => {
  const { model } = setting;
  const draft = draftOf(setting, server);
  const { endpoint } = draft;
  const refused = server.refused.get(refusalKeyOf({ model, endpoint })) ?? new Set<string>();
  const { takes, requested, warnings, notApplied } = draft;
  warnOfShutdown(draft, server);
  dropUnsupported(draft);
  reconcileWithEffort(draft, refused);
  for (const field of refused) {
    if (!isLimit(field)) drop(draft, field, `${field} is not accepted by this server for ${model}`);
  }
  dropAlternatives(draft);
  // Answers of the Responses API always have their usage.
  const includeUsage =
    endpoint === 'responses' || (takes.include_usage !== 'refused' && !refused.has('stream_options'));
  if (!includeUsage)
    warnings.push(`tokens may not be counted: stream_options is not accepted by this server for ${model}`);
  const effective = effectiveOf(draft);
  if (endpoint === 'completions') asCompletion(draft);
  else if (endpoint === 'responses') asResponse(draft, refused);
  else renameLimit(draft, refused);
  const { sent } = draft;
  return {
    endpoint,
    body: sent,
    includeUsage,
    sampling: {
      requested: reportedFields(requested),
      sent: reportedFields({ ...sent }),
      effective: reportedFields(effective),
      warnings: shortened(warnings),
    },
    notApplied,
  };
};

/** Bounds the warnings: a request may have thousands of fields, and `effective` shows what became of each. */
const shortened = (warnings: string[]): string[] => [
  ...warnings.slice(0, MAX_WARNINGS).map((warning) => cutText(warning, MAX_WARNING)),
  ...(warnings.length > MAX_WARNINGS ? [`and ${warnings.length - MAX_WARNINGS} more`] : []),
];

export const notAppliedIssues = (
  notApplied: readonly NotApplied[],
  pathOf: (field: string) => string = (field) => field,
): InputIssue[] => notApplied.map(({ field, reason }) => ({ path: pathOf(field), message: reason }));

/** The 400 of `strict_sampling`: it names each field that would have no effect, and why. */
export const notAppliedError = (issues: InputIssue[]): InvalidInputError =>
  new InvalidInputError(issues, { code: 'sampling_not_applied' });

const draftOf = (setting: Setting, server: Server): Draft => {
  const requested = requestedFields(setting);
  return {
    model: setting.model,
    endpoint: endpointOf(setting, server),
    kind: kindOf(server, setting.model),
    takes: samplingOf(server, setting.model),
    requested,
    sent: { ...requested },
    warnings: [],
    notApplied: [],
  };
};

const warnOfShutdown = ({ model, kind, warnings }: Draft, server: Server): void => {
  const { shutdown_date: day, replacement } = lifeOf(server, model);
  if (day === null) return;
  const remedy = replacement === null ? '' : `; use ${replacement}`;
  const announced =
    kind === 'openai'
      ? `OpenAI has announced the shutdown of ${model} for ${day}`
      : `the shutdown of ${model} is announced for ${day}`;
  warnings.push(`${announced}${remedy}`);
};

/** Drops fields that the server would refuse or ignore: an unsent field certainly has no effect. */
const dropUnsupported = (draft: Draft): void => {
  const { model, kind, takes, sent } = draft;
  for (const field of Object.keys(sent)) {
    const taken = takesOf(draft, field);
    if (taken === 'dropped')
      drop(draft, field, `${field} is accepted but not applied by ${serverName(kind)}`);
    if (taken !== 'refused') continue;
    drop(draft, field, reasonOfRefusal(field, draft));
  }
  if (takes.reasoning_effort === 'only_none' && (sent.reasoning_effort ?? 'none') !== 'none') {
    drop(draft, 'reasoning_effort', `${model} accepts no reasoning_effort other than "none"`);
  }
};

const reasonOfRefusal = (field: string, { model, kind, endpoint }: Draft): string => {
  if (field === 'reasoning_summary')
    return `reasoning_summary is not applied: ${model} is asked by an API without it`;
  if (endpoint === 'responses' && isNotOfResponses(field, kind))
    return `${field} is not applied: ${model} is asked by the Responses API, which has no such field`;
  return field === 'top_k'
    ? `top_k is not applied by ${serverName(kind)}`
    : `${model} does not take ${field}`;
};

/**
 * Drops temperature and top_p for models that never accept them. For models that accept them, or tools, only at
 * `reasoning_effort: "none"`, sends that effort if the setting has none, and drops temperature and top_p at any other.
 * Tools are never dropped: see `formsAnswer`. The Responses API takes them at any effort.
 */
const reconcileWithEffort = (draft: Draft, refused: ReadonlySet<string>): void => {
  const { model, endpoint, takes, sent, warnings } = draft;
  const fields = (['temperature', 'top_p'] as const).filter((field) => field in sent);
  for (const field of fields) {
    if (takes[field] === 'never') drop(draft, field, `${model} does not take ${field}`);
  }
  const mindsTools = 'tools' in sent && endpoint !== 'responses';
  const atNone = [...fields, ...(mindsTools ? (['tools'] as const) : [])].filter(
    (field) => takes[field] === 'at_effort_none',
  );
  const takesEffort = !['refused', 'dropped'].includes(takes.reasoning_effort);
  if (atNone.length === 0 || !takesEffort || refused.has('reasoning_effort')) return;
  if (sent.reasoning_effort === undefined || sent.reasoning_effort === null) {
    sent.reasoning_effort = 'none';
    warnings.push(`reasoning_effort "none" was sent: ${model} takes ${allOf(atNone)} only with it`);
  } else if (sent.reasoning_effort !== 'none') {
    for (const field of atNone.filter((each) => each !== 'tools'))
      drop(draft, field, `${model} takes ${field} only with reasoning_effort "none"`);
  }
};

/** The warning names temperature and top_p together, since models take both at the same efforts. */
const allOf = (fields: readonly string[]): string =>
  [
    ...(fields.some((field) => field !== 'tools') ? ['temperature and top_p'] : []),
    ...(fields.includes('tools') ? ['tools'] : []),
  ].join(', and ');

/** Drops the alternatives of tokens with their log probabilities: servers take them together alone. */
const dropAlternatives = (draft: Draft): void => {
  const { requested, sent, model } = draft;
  if (requested.logprobs === true && sent.logprobs !== true)
    drop(draft, 'top_logprobs', `${model} does not take logprobs, which top_logprobs needs`);
};

const drop = (draft: Draft, field: string, reason: string): void => {
  if (!Object.hasOwn(draft.sent, field)) return;
  Reflect.deleteProperty(draft.sent, field);
  warn(draft, field, reason);
};

const warn = ({ requested, warnings, notApplied }: Draft, field: string, reason: string): void => {
  warnings.push(reason);
  if (Object.hasOwn(requested, field)) notApplied.push({ field, reason });
};

/** How the server treats a field of the request; the token limit, temperature and top_p have rules of their own. */
const takesOf = ({ takes, kind, endpoint }: Draft, field: string): Takes => {
  if (field === 'reasoning_summary') return endpoint === 'responses' ? 'applied' : 'refused';
  // Some servers take more here than OpenAI's API has; the operator knows.
  if (endpoint === 'responses' && isNotOfResponses(field, kind))
    return kind !== 'openai' && own(takes.extra, field) === 'applied' ? 'applied' : 'refused';
  if (field === 'top_k') return takes.top_k;
  if (formsAnswer(field)) return 'applied';
  if (field === 'logprobs' && takes.logprobs !== 'unknown') return takes.logprobs;
  if (field === 'top_logprobs' && takes.logprobs !== 'unknown')
    return own(takes.extra, field) ?? takes.logprobs;
  if (field === 'reasoning_effort' && takes.reasoning_effort !== 'only_none') {
    return takes.reasoning_effort === 'unknown' ? 'applied' : takes.reasoning_effort;
  }
  const extra = own(takes.extra, field) ?? own(fieldsOfEndpoint(endpoint), field);
  if (extra !== undefined) return extra;
  return API_FIELDS.includes(field) || refusesUnknownFields(kind) ? 'applied' : 'unknown';
};

/** Null for requested fields that were not sent, and for sent fields that the server is not known to apply. */
const effectiveOf = (draft: Draft): Body => {
  const { requested, sent } = draft;
  const fields = [...new Set([...Object.keys(requested), ...Object.keys(sent)])];
  return Object.fromEntries(
    fields.map((field) => {
      const value = own(sent, field) ?? null;
      if (value === null || takesOf(draft, field) !== 'unknown') return [field, value];
      warn(draft, field, `this server is not known to apply ${field}; it may drop it silently`);
      return [field, null];
    }),
  );
};

/** Whether a field is the token limit, under either name. A refused limit is renamed, never dropped. */
export const isLimit = (field: string): field is TokenLimit =>
  field === 'max_tokens' || field === 'max_completion_tokens';

/** Whether a field asks for another kind of answer than a text; such a field is sent, or the request fails. */
export const formsAnswer = (field: string): boolean =>
  field === 'tools' || field === 'tool_choice' || field === 'response_format';

/** Puts the number of alternatives into `logprobs`, which completions have in place of a flag beside it. */
const asCompletion = ({ sent }: Draft): void => {
  if (sent.logprobs === true) sent.logprobs = sent.top_logprobs ?? 0;
  delete sent.top_logprobs;
};

/** Puts the fields into the shape of the Responses API, and asks for the reasoning of models that may have some. */
const asResponse = (draft: Draft, refused: ReadonlySet<string>): void => {
  const { model, takes, sent, warnings } = draft;
  const isWithout =
    takes.temperature === 'always' ||
    ['refused', 'dropped', 'only_none'].includes(takes.reasoning_effort) ||
    sent.reasoning_effort === 'none';
  const isRefused = refused.has(ENCRYPTED_REASONING);
  if (!isWithout && isRefused)
    warnings.push(
      `no next turn can go on from the reasoning: this server does not give it encrypted for ${model}`,
    );
  draft.sent = asResponsesFields(sent, { encrypted: !isWithout && !isRefused });
};

/** Names the token limit as the server does; a server that refused that name gets the other one. */
const renameLimit = ({ sent, takes }: Draft, refused: ReadonlySet<string>): void => {
  const usual = takes.token_limit;
  const other = usual === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  const limit = sent.max_tokens;
  delete sent.max_tokens;
  sent[refused.has(usual) ? other : usual] = limit;
};
