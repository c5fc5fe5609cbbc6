import type { Generation } from '../runs/generation.ts';
import type { VectorMetadata } from './ports.ts';

/** Pinecone's limit on a record's metadata as JSON: https://docs.pinecone.io/reference/api/database-limits */
const MAX_METADATA_BYTES = 40_960;

/** Room for the field with the deployment's id, which `ownVectors` adds: a table's name has up to 255 characters. */
const OWNER_BYTES = 300;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

export type VectorSource = {
  runId: string;
  /** The requested model; the generation has the one that answered. */
  model: string;
  /** The caller's own key-value pairs. */
  metadata: Record<string, string>;
  generation: Pick<Generation, 'index' | 'label' | 'model' | 'usage' | 'timing' | 'cost_usd'>;
  /** A chunk of the output: its number, from 0, and its text. */
  chunk: { index: number; text: string };
  /** When the run was created, epoch ms. */
  createdAt: number;
};

/** The Pinecone namespace of one caller's vectors from one embedding model. Models and callers never share one. */
export const namespaceOf = (prefix: string, embeddingModel: string, caller: string): string =>
  `${prefix}${embeddingModel}:${caller}`;

/**
 * The metadata stored with a vector: flat, without nulls (unknown figures are left out), and at most 40 KB of JSON
 * together with its deployment's id.
 * Only `text` is cut to stay within that limit, between graphemes; figures and the caller's pairs are never cut.
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
  const room = MAX_METADATA_BYTES - OWNER_BYTES - jsonBytes({ ...rest, text: '' });
  return { text: shorten(chunk.text, room), ...rest };
};

/** The longest prefix of whole graphemes that takes at most `room` bytes inside a JSON string. */
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
