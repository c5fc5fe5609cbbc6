import { type InputIssue, InvalidInputError } from '../errors.ts';
import { lifeOf, refusesUnknownFields, samplingOf } from './catalogue.ts';
import type { ModelSampling, Takes, TokenLimit } from './catalogue-row.ts';
import { kindOf, type Server, type ServerKind, serverName } from './server.ts';
import { requestedFields, type SamplingReport, type Setting } from './setting.ts';

type Body = Record<string, unknown>;

/** A field that was asked for and that the server does not apply, or is not known to, and why. */
export type NotApplied = { field: string; reason: string };

export type UpstreamBody = {
  body: Body;
  /** Whether the stream is asked for its usage. */
  includeUsage: boolean;
  sampling: SamplingReport;
  notApplied: NotApplied[];
};

/** One reading of a setting: `sent` shrinks and grows as rules apply, `warnings` says each time why. */
type Draft = {
  model: string;
  kind: ServerKind;
  takes: ModelSampling;
  requested: Body;
  sent: Body;
  warnings: string[];
  notApplied: NotApplied[];
};

/** OpenAI's own fields: a server that speaks its API and accepts one is taken to apply it. */
const API_FIELDS = new Set([
  'max_tokens',
  'reasoning_effort',
  'temperature',
  'top_p',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'stop',
  'logprobs',
  'top_logprobs',
  'logit_bias',
  'response_format',
]);

/**
 * What is sent to a server for a setting (all but model, messages and stream options), and the report of it.
 * `requested` and `effective` have the request's names, `sent` the server's. `effective` is null for what was not
 * sent, or is sent to a server that is not known to apply it; `notApplied` says why, field by field. Fields left out
 * of the setting are not sent, except the token limit, which always is, and a `reasoning_effort` that a model needs
 * in order to sample at all.
 */
export const upstreamBody = (setting: Setting, server: Server): UpstreamBody => {
  const { model } = setting;
  const refused = server.refused.get(model) ?? new Set<string>();
  const draft = draftOf(setting, server);
  const { takes, requested, sent, warnings, notApplied } = draft;
  tellEnd(draft, server);
  leaveOutUntaken(draft);
  fitToEffort(draft, refused);
  for (const field of refused) {
    if (!isLimit(field)) drop(draft, field, `${field} is not accepted by this server for ${model}`);
  }
  const includeUsage = takes.include_usage !== 'refused' && !refused.has('stream_options');
  if (!includeUsage)
    warnings.push(`tokens are not counted: stream_options is not accepted by this server for ${model}`);
  const effective = effectiveOf(draft);
  renameLimit(draft, refused);
  return {
    body: sent,
    includeUsage,
    sampling: { requested, sent: { ...sent }, effective, warnings },
    notApplied,
  };
};

export const notAppliedIssues = (
  notApplied: readonly NotApplied[],
  pathOf: (field: string) => string = (field) => field,
): InputIssue[] => notApplied.map(({ field, reason }) => ({ path: pathOf(field), message: reason }));

/** What `strict_sampling` answers with: a 400 that names each field that would have no effect, and why. */
export const notAppliedError = (issues: InputIssue[]): InvalidInputError =>
  new InvalidInputError(issues, { code: 'sampling_not_applied' });

const draftOf = (setting: Setting, server: Server): Draft => {
  const requested = requestedFields(setting);
  return {
    model: setting.model,
    kind: kindOf(server, setting.model),
    takes: samplingOf(server, setting.model),
    requested,
    sent: { ...requested },
    warnings: [],
    notApplied: [],
  };
};

const tellEnd = ({ model, kind, warnings }: Draft, server: Server): void => {
  const { shutdown_date: until, replacement } = lifeOf(server, model);
  if (until === null) return;
  const who = kind === 'openai' ? 'OpenAI has announced the end of' : 'the end of';
  const instead = replacement === null ? '' : `; use ${replacement}`;
  warnings.push(`${who} ${model}${kind === 'openai' ? ' for' : ' is announced for'} ${until}${instead}`);
};

/** What the server would refuse or silently drop is not sent: then it is certain that it has no effect. */
const leaveOutUntaken = (draft: Draft): void => {
  const { model, kind, takes, sent } = draft;
  for (const field of Object.keys(sent)) {
    const taken = takesOf(draft, field);
    if (taken === 'dropped') drop(draft, field, `${field} is taken by ${serverName(kind)}, but not applied`);
    if (taken !== 'refused') continue;
    drop(draft, field, reasonOfRefusal(field, model, kind));
  }
  if (takes.reasoning_effort === 'only_none' && (sent.reasoning_effort ?? 'none') !== 'none') {
    drop(draft, 'reasoning_effort', `${model} takes no reasoning_effort but "none"`);
  }
};

const reasonOfRefusal = (field: string, model: string, kind: ServerKind): string =>
  field === 'top_k' ? `top_k is not applied by ${serverName(kind)}` : `${model} does not take ${field}`;

/** temperature and top_p where they are taken never, or only at effort none, which is sent where none was asked for. */
const fitToEffort = (draft: Draft, refused: ReadonlySet<string>): void => {
  const { model, takes, sent, warnings } = draft;
  const fields = (['temperature', 'top_p'] as const).filter((field) => field in sent);
  for (const field of fields) {
    if (takes[field] === 'never') drop(draft, field, `${model} does not take ${field}`);
  }
  const atNone = fields.filter((field) => takes[field] === 'at_effort_none');
  const takesEffort = !['refused', 'dropped'].includes(takes.reasoning_effort);
  if (atNone.length === 0 || !takesEffort || refused.has('reasoning_effort')) return;
  if (sent.reasoning_effort === undefined || sent.reasoning_effort === null) {
    sent.reasoning_effort = 'none';
    warnings.push(`reasoning_effort "none" was sent: ${model} takes temperature and top_p only with it`);
  } else if (sent.reasoning_effort !== 'none') {
    for (const field of atNone)
      drop(draft, field, `${model} takes ${field} only with reasoning_effort "none"`);
  }
};

const drop = (draft: Draft, field: string, reason: string): void => {
  if (!(field in draft.sent)) return;
  delete draft.sent[field];
  warn(draft, field, reason);
};

const warn = ({ requested, warnings, notApplied }: Draft, field: string, reason: string): void => {
  warnings.push(reason);
  if (field in requested) notApplied.push({ field, reason });
};

/** What the server does with a field of the request; the token limit and temperature have rules of their own. */
const takesOf = ({ takes, kind }: Draft, field: string): Takes => {
  if (field === 'top_k') return takes.top_k;
  if (field === 'logprobs' && takes.logprobs !== 'unknown') return takes.logprobs;
  if (field === 'reasoning_effort' && takes.reasoning_effort !== 'only_none') {
    return takes.reasoning_effort === 'unknown' ? 'applied' : takes.reasoning_effort;
  }
  if (Object.hasOwn(takes.extra, field)) return takes.extra[field] ?? 'unknown';
  return API_FIELDS.has(field) || refusesUnknownFields(kind) ? 'applied' : 'unknown';
};

/** Null for what was asked for and not sent, and for what nobody knows to be applied. */
const effectiveOf = (draft: Draft): Body => {
  const { requested, sent } = draft;
  const fields = [...new Set([...Object.keys(requested), ...Object.keys(sent)])];
  return Object.fromEntries(
    fields.map((field) => {
      const value = sent[field] ?? null;
      if (value === null || takesOf(draft, field) !== 'unknown') return [field, value];
      warn(draft, field, `this server is not known to apply ${field}; it may drop it silently`);
      return [field, null];
    }),
  );
};

/** Whether a field is the token limit, under either name: it is renamed where it is refused, never dropped. */
export const isLimit = (field: string): field is TokenLimit =>
  field === 'max_tokens' || field === 'max_completion_tokens';

/** The limit goes under the name the server takes; one that refuses it gets the other name, never none. */
const renameLimit = ({ sent, takes }: Draft, refused: ReadonlySet<string>): void => {
  const usual = takes.token_limit;
  const other = usual === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  const limit = sent.max_tokens;
  delete sent.max_tokens;
  sent[refused.has(usual) ? other : usual] = limit;
};
