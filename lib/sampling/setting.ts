import type { InputIssue } from '../errors.ts';

/** A labelled choice of model and sampling, the run's own fields merged in. Absent fields are not sent upstream. */
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

/** Sampling as requested, as sent, and as applied by the server (null: not applied, or not known to be). */
export type SamplingReport = {
  requested: Record<string, unknown>;
  sent: Record<string, unknown>;
  effective: Record<string, unknown>;
  warnings: string[];
};

/** The fields that a setting requests, by their names in the API; fields of `extra_body` win over those beside it. */
export const requestedFields = (setting: Setting): Record<string, unknown> => {
  const fields: Record<string, unknown> = {
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
    response_format: setting.responseFormat,
    ...setting.extraBody,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
};

/** Fields that everytoken sets itself, with the alternative. Budgets are reserved by the token limit. */
const OWN_FIELDS = new Map<string, string>([
  ['model', 'set model instead'],
  ['messages', 'set prompt or messages instead'],
  ['stream', 'outputs are always streamed from the model'],
  ['stream_options', 'usage is always asked for'],
  ['n', 'set samples instead'],
  ['max_tokens', 'set max_tokens beside extra_body instead'],
  ['max_completion_tokens', 'set max_tokens beside extra_body instead'],
]);

/** One issue for each field that an `extra_body` must not carry, with paths below `path`; empty: it is valid. */
export const extraBodyIssues = (extraBody: Record<string, unknown>, path = 'extra_body'): InputIssue[] =>
  Object.keys(extraBody).flatMap((field) => {
    const instead = OWN_FIELDS.get(field);
    return instead === undefined
      ? []
      : [{ path: `${path}.${field}`, message: `cannot be sent this way; ${instead}` }];
  });
