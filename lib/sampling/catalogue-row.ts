/**
 * What a server does with a field. `refused`: it answers 400. `dropped`: it takes the field and does not apply it.
 * `unknown`: nobody can say, so no effect is claimed.
 */
export const TAKES = ['applied', 'refused', 'dropped', 'unknown'] as const;

export type Takes = (typeof TAKES)[number];

/** When temperature and top_p are taken; `unknown`: sent as asked, and a server's 400 teaches. */
export const WHEN_TAKEN = ['always', 'at_effort_none', 'never', 'unknown'] as const;

type WhenTaken = (typeof WHEN_TAKEN)[number];

/** As `Takes`; `only_none`: no other effort than "none". */
export const EFFORT_TAKEN = [...TAKES, 'only_none'] as const;

type EffortTaken = (typeof EFFORT_TAKEN)[number];

/** What a server calls the most tokens that it may generate. */
export type TokenLimit = 'max_tokens' | 'max_completion_tokens';

/** How a model on a server takes the fields of a request, as GET /models shows it and MODEL_CATALOGUE sets it. */
export type ModelSampling = {
  temperature: WhenTaken;
  top_p: WhenTaken;
  top_k: Takes;
  logprobs: Takes;
  include_usage: Takes;
  reasoning_effort: EffortTaken;
  token_limit: TokenLimit;
  /** Fields of `extra_body` by name. */
  extra: Record<string, Takes>;
};

/** How long a model is there: ISO 8601 days; null is no such day known. */
export type ModelLife = {
  shutdown_date: string | null;
  retired_on: string | null;
  replacement: string | null;
};

/** What an operator says of a model, or of all whose names begin alike (`llama-*`); it goes before what we know. */
export type CatalogueRow = {
  pattern: string;
  says: Partial<ModelSampling> & Partial<ModelLife>;
};
