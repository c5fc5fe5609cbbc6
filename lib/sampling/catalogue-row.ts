/**
 * How a server treats a request field. `refused`: it answers 400. `dropped`: it accepts the field and ignores it.
 * `unknown`: there is no evidence either way, so reports claim no effect.
 */
export const TAKES = ['applied', 'refused', 'dropped', 'unknown'] as const;

export type Takes = (typeof TAKES)[number];

/** When a model accepts temperature, top_p or tools. `unknown`: the field is sent, and a 400 marks it as refused. */
export const WHEN_TAKEN = ['always', 'at_effort_none', 'never', 'unknown'] as const;

type WhenTaken = (typeof WHEN_TAKEN)[number];

/** As `TAKES`; `only_none`: the model accepts no effort other than "none". */
export const EFFORT_TAKEN = [...TAKES, 'only_none'] as const;

type EffortTaken = (typeof EFFORT_TAKEN)[number];

/**
 * The API that a model's generations are asked from. `as_needed`: chat completions, and the Responses API for what the
 * model does only there: tools with reasoning, and summaries of its reasoning.
 */
export const MODEL_APIS = ['chat_completions', 'responses', 'as_needed'] as const;

export type ModelApi = (typeof MODEL_APIS)[number];

/** The server's field name for the limit of generated tokens. */
export type TokenLimit = 'max_tokens' | 'max_completion_tokens';

/** How a model on a server treats request fields, as `GET /models` shows it and `MODEL_CATALOGUE` sets it. */
export type ModelSampling = {
  api: ModelApi;
  temperature: WhenTaken;
  top_p: WhenTaken;
  top_k: Takes;
  logprobs: Takes;
  include_usage: Takes;
  reasoning_effort: EffortTaken;
  /** Function tools on chat completions. */
  tools: WhenTaken;
  token_limit: TokenLimit;
  /** Tokens that the server may add to each prompt (a default system prompt, a preamble): budgets reserve them. */
  prompt_overhead: number;
  /** Fields of `extra_body` by name. */
  extra: Record<string, Takes>;
};

/** The end of a model's life. Dates are ISO 8601 days; null: none is known. */
export type ModelLife = {
  shutdown_date: string | null;
  retired_on: string | null;
  replacement: string | null;
};

/** An operator's overrides for one model or a prefix of names (`llama-*`); they win over the built-in catalogue. */
export type CatalogueRow = {
  pattern: string;
  overrides: Partial<ModelSampling> & Partial<ModelLife>;
};
