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

/** Sampling as asked for, as sent, and as the server applied it (null where it did not, or is not known to). */
export type SamplingReport = {
  requested: Record<string, unknown>;
  sent: Record<string, unknown>;
  effective: Record<string, unknown>;
  warnings: string[];
};
