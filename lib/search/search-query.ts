import type { VectorMetadata } from '../vectors/ports.ts';

/** Figures of a vector that a search can filter by, by their names on the wire (`min_…`, `max_…`). */
export const NUMERIC_FIELDS = [
  'tokens',
  'seconds_per_token',
  'ttft_ms',
  'tpot_ms',
  'e2e_ms',
  'cost_usd',
] as const;

export type NumericField = (typeof NUMERIC_FIELDS)[number];

/**
 * Conditions that a match must all meet. `since` (inclusive) and `until` (exclusive) are epoch ms; `min` and `max` are
 * inclusive. An output with an unknown figure never meets a bound on that figure.
 */
export type SearchFilter = {
  model?: string;
  label?: string;
  runId?: string;
  since?: number;
  until?: number;
  min?: Partial<Record<NumericField, number>>;
  max?: Partial<Record<NumericField, number>>;
  metadata?: Record<string, string>;
};

/**
 * A search by meaning and words. `topK` counts outputs and not chunks, from 1 to 100. `includesVectors`: each match has the vector
 * of its chunk.
 */
export type SearchQuery = { query: string; topK: number; filter: SearchFilter; includesVectors?: boolean };

/**
 * One output found. `text` is the chunk stored with the vector, perhaps cut, and `score` the cosine similarity of that
 * chunk. `words` are the rare words of the query that the chunk has literally. `model` is the requested model. `created_at` (ISO 8601) and `prompt_preview` are those of the run, as lists have
 * them. `metadata` has the other fields stored with the vector, among them `created_at` in epoch ms. `vector` has the
 * chunk's values to nine digits if the search includes vectors; null when it was deleted meanwhile.
 */
export type SearchMatch = {
  score: number;
  run_id: string;
  index: number;
  text: string;
  words: string[];
  model: string;
  label: string;
  created_at: string;
  prompt_preview: string | null;
  metadata: VectorMetadata;
  vector?: number[] | null;
};

/**
 * The outputs found, best first. `matches` is `data` without vectors, under its earlier name. `warnings` is present when
 * the matches may be incomplete.
 */
export type SearchAnswer = {
  data: SearchMatch[];
  matches: Omit<SearchMatch, 'vector'>[];
  next_cursor: null;
  warnings?: string[];
};
