import type { SamplingReport } from '../runs/generation.ts';
import type { Setting } from '../runs/run-request.ts';
import { shutdownDate } from './model-lifetimes.ts';
import { openAIModel } from './openai-models.ts';
import { kindOf, type Server, type ServerKind } from './server.ts';
import { isLimit, otherLimitName } from './token-limit.ts';

type Body = Record<string, unknown>;
/** One reading of a setting: `sent` shrinks and grows as rules apply, `warnings` says each time why. */
type Draft = { model: string; sent: Body; warnings: string[] };

export type UpstreamBody = { body: Body; sampling: SamplingReport };

/**
 * What is sent to a server for a setting (all but model, messages and stream options), and the report of it.
 * `requested` and `effective` have the request's names, `sent` the server's. `effective` is null for what was not
 * sent, or is sent to a server that is not known to apply it. Fields left out of the setting are not sent, except
 * the token limit, which always is, and a `reasoning_effort` that a model needs in order to sample at all.
 */
export const upstreamBody = (setting: Setting, server: Server): UpstreamBody => {
  const kind = kindOf(server, setting.model);
  const requested = requestedBy(setting);
  const refused = server.refused.get(setting.model) ?? new Set<string>();
  const draft: Draft = { model: setting.model, sent: { ...requested }, warnings: [] };
  if (kind === 'openai') applyOpenAIRules(draft, refused);
  for (const field of refused) {
    if (!isLimit(field)) drop(draft, field, `${field} is not accepted by this server for ${setting.model}`);
  }
  const effective = effectiveOf(draft, requested, setting, kind);
  renameLimit(draft, kind, refused);
  return {
    body: draft.sent,
    sampling: { requested, sent: { ...draft.sent }, effective, warnings: draft.warnings },
  };
};

const requestedBy = (setting: Setting): Body => {
  const fields: Body = {
    max_tokens: setting.maxTokens,
    reasoning_effort: setting.reasoningEffort,
    temperature: setting.temperature,
    top_p: setting.topP,
    top_k: setting.topK,
    frequency_penalty: setting.frequencyPenalty,
    presence_penalty: setting.presencePenalty,
    seed: setting.seed,
    stop: setting.stop,
    logprobs: setting.logprobs,
    ...setting.extraBody,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
};

const drop = ({ sent, warnings }: Draft, field: string, warning: string): void => {
  if (!(field in sent)) return;
  delete sent[field];
  warnings.push(warning);
};

const applyOpenAIRules = (draft: Draft, refused: ReadonlySet<string>): void => {
  const { model, sent, warnings } = draft;
  const known = openAIModel(model);
  const until = shutdownDate(model);
  if (until !== undefined) warnings.push(`OpenAI has announced the end of ${model} for ${until}`);
  drop(draft, 'top_k', 'top_k is not applied by api.openai.com');
  if (known?.takesEffort === false)
    drop(draft, 'reasoning_effort', `${model} does not take reasoning_effort`);
  if (known?.sampling === 'never') {
    for (const field of ['temperature', 'top_p']) drop(draft, field, `${model} does not take ${field}`);
  }
  if (known?.sampling !== 'at_effort_none' || !('temperature' in sent || 'top_p' in sent)) return;
  if (refused.has('reasoning_effort')) return;
  if (sent.reasoning_effort === undefined || sent.reasoning_effort === null) {
    sent.reasoning_effort = 'none';
    warnings.push(`reasoning_effort "none" was sent: ${model} takes temperature and top_p only with it`);
  } else if (sent.reasoning_effort !== 'none') {
    for (const field of ['temperature', 'top_p']) {
      drop(draft, field, `${model} takes ${field} only with reasoning_effort "none"`);
    }
  }
};

/** Null for what was asked for and not sent; on a server we do not know, also for what is not OpenAI's own. */
const effectiveOf = (
  { sent, warnings }: Draft,
  requested: Body,
  setting: Setting,
  kind: ServerKind,
): Body => {
  const unknown = kind === 'other' ? ['top_k', ...Object.keys(setting.extraBody ?? {})] : [];
  if (kind === 'other' && 'top_k' in sent) {
    warnings.push('this server is not known to apply top_k; it may drop it silently');
  }
  return Object.fromEntries(
    [...new Set([...Object.keys(requested), ...Object.keys(sent)])].map((field) => [
      field,
      unknown.includes(field) ? null : (sent[field] ?? null),
    ]),
  );
};

/** The limit goes under the name the server takes; one that refuses it gets the other name, never none. */
const renameLimit = ({ sent }: Draft, kind: ServerKind, refused: ReadonlySet<string>): void => {
  const usual = kind === 'openai' ? 'max_completion_tokens' : 'max_tokens';
  const limit = sent.max_tokens;
  delete sent.max_tokens;
  sent[refused.has(usual) ? otherLimitName(usual) : usual] = limit;
};
