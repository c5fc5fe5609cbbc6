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

/** A search by meaning. `topK` counts outputs and not chunks, from 1 to 100. */
export type SearchQuery = { query: string; topK: number; filter: SearchFilter };

/** One output found. `text` is the chunk stored with the vector, perhaps cut; `metadata` holds its other fields. */
export type SearchMatch = {
  score: number;
  run_id: string;
  index: number;
  text: string;
  metadata: VectorMetadata;
};

/** `warnings` is present when the matches may be incomplete. */
export type SearchAnswer = { matches: SearchMatch[]; warnings?: string[] };
