import type { VectorMetadata } from '../vectors/ports.ts';

/** Figures of a vector that a search can bound, by their names on the wire (`min_…`, `max_…`). */
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
 * What matches must fulfil, all of it together. `since` (inclusive) and `until` (exclusive) are epoch ms; `min` and
 * `max` are inclusive. An output whose figure is unknown never fulfils a bound on that figure.
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

/** A search by meaning. `topK` counts outputs, not chunks; at least 1, at most 100. */
export type SearchQuery = { query: string; topK: number; filter: SearchFilter };

/** One output that was found; `text` is what its vector stores (a chunk, perhaps trimmed), `metadata` the rest. */
export type SearchMatch = {
  score: number;
  run_id: string;
  index: number;
  text: string;
  metadata: VectorMetadata;
};
