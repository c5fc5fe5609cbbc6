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
  /** Alternatives of each token that are asked for with its log probability; only with `logprobs`. */
  topLogprobs?: number;
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
    top_logprobs: setting.topLogprobs,
    response_format: setting.responseFormat,
    ...setting.extraBody,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
};
