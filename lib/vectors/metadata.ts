import type { Generation } from '../runs/generation.ts';
import type { VectorMetadata } from './ports.ts';

/** Pinecone's limit on a record's metadata, as JSON. */
const MAX_METADATA_BYTES = 40_960;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

export type VectorSource = {
  runId: string;
  /** The model that was asked; the one that answered stands in the generation. */
  model: string;
  /** The caller's own pairs. */
  metadata: Record<string, string>;
  generation: Pick<Generation, 'index' | 'label' | 'model' | 'usage' | 'timing' | 'cost_usd'>;
  /** Which chunk of the output, counted from 0, and its text. */
  chunk: { index: number; text: string };
  /** When the run was created, epoch ms. */
  createdAt: number;
};

/** Where a caller's vectors of one embedding model live: neither two models nor two callers ever mix. */
export const namespaceOf = (prefix: string, embeddingModel: string, caller: string): string =>
  `${prefix}${embeddingModel}:${caller}`;

/**
 * What stands beside a vector: flat, without nulls (a figure that is unknown is left out), at most 40 KB of JSON.
 * Only `text` is shortened to get there, at a grapheme; figures and the caller's pairs are kept whole.
 */
export const vectorMetadata = (source: VectorSource): VectorMetadata => {
  const { runId, model, metadata, generation, chunk, createdAt } = source;
  const figures = {
    tokens: generation.usage.completion_tokens,
    seconds_per_token: generation.timing?.seconds_per_token ?? null,
    ttft_ms: generation.timing?.ttft_ms ?? null,
    tpot_ms: generation.timing?.tpot_ms ?? null,
    e2e_ms: generation.timing?.e2e_ms ?? null,
    cost_usd: generation.cost_usd,
  };
  const rest: VectorMetadata = {
    run_id: runId,
    index: generation.index,
    chunk: chunk.index,
    label: generation.label,
    model,
    response_model: generation.model,
    created_at: createdAt,
  };
  for (const [name, value] of Object.entries(figures))
    if (value !== null && Number.isFinite(value)) rest[name] = value;
  for (const [key, value] of Object.entries(metadata)) rest[`metadata.${key}`] = value;
  const room = MAX_METADATA_BYTES - jsonBytes({ ...rest, text: '' });
  return { text: shorten(chunk.text, room), ...rest };
};

/** As many leading graphemes as take at most `room` bytes inside a JSON string. */
const shorten = (text: string, room: number): string => {
  if (jsonBytes(text) - 2 <= room) return text;
  let used = 0;
  for (const { segment, index } of graphemes.segment(text)) {
    used += jsonBytes(segment) - 2;
    if (used > room) return text.slice(0, index);
  }
  return text;
};

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
