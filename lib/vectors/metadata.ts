import { jsonBytes } from '../json/value.ts';
import type { Generation } from '../runs/generation.ts';
import { segmentsOf } from '../text/segments.ts';
import type { VectorMetadata } from './ports.ts';
import { wordsToStore } from './words.ts';

/** Pinecone's limit on a record's metadata as JSON: https://docs.pinecone.io/reference/api/database-limits */
const MAX_METADATA_BYTES = 40_960;

/** Room for the field with the deployment's id, which `ownVectors` adds: a table's name has up to 255 characters. */
const OWNER_BYTES = 300;

/** The field with the words by which a chunk is found literally. It is internal: no answer shows it. */
export const WORDS_FIELD = 'words';

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

/**
 * The metadata stored with a vector: flat, without nulls (unknown figures are left out), and at most 40 KB of JSON
 * together with its deployment's id. To stay within that limit, `text` is cut between graphemes. Where that is not
 * enough, so are the longest of the other texts: the caller's values, label and models. Figures, ids and the words by
 * which the chunk is found literally (640 bytes at most) are never cut.
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
  const ids: VectorMetadata = { run_id: runId, index: generation.index, chunk: chunk.index };
  const words = wordsToStore(chunk.text);
  const texts = Object.entries({ label: generation.label, model, response_model: generation.model });
  const pairs = Object.entries(metadata).map(([key, value]) => [`metadata.${key}`, value] as const);
  const known = Object.entries(figures).filter(([, value]) => value !== null && Number.isFinite(value));
  const restOf = (most: number): VectorMetadata => ({
    ...ids,
    ...shortened(texts, most),
    created_at: createdAt,
    ...(Object.fromEntries(known) as Record<string, number>),
    ...shortened(pairs, most),
    ...(words.length > 0 && { [WORDS_FIELD]: words }),
  });
  const roomBeside = (rest: VectorMetadata) =>
    MAX_METADATA_BYTES - OWNER_BYTES - jsonBytes({ ...rest, text: '' });
  let most = MAX_METADATA_BYTES;
  let rest = restOf(most);
  while (roomBeside(rest) < 0 && most >= 1) {
    most /= 2;
    rest = restOf(most);
  }
  return { text: shorten(chunk.text, roomBeside(rest)), ...rest };
};

/**
 * The metadata of a vector stored without the rare words of its text, with them; undefined when it has them already, its
 * text has none, or they do not fit into 40 KB.
 */
export const withWords = (metadata: VectorMetadata): VectorMetadata | undefined => {
  const { text, [WORDS_FIELD]: stored } = metadata;
  if (stored !== undefined || typeof text !== 'string') return undefined;
  const words = wordsToStore(text);
  const added = { ...metadata, [WORDS_FIELD]: words };
  return words.length > 0 && jsonBytes(added) <= MAX_METADATA_BYTES - OWNER_BYTES ? added : undefined;
};

const shortened = (entries: readonly (readonly [string, string])[], most: number): Record<string, string> =>
  Object.fromEntries(entries.map(([key, value]) => [key, shorten(value, most)]));

/** The longest prefix of whole graphemes that takes at most `room` bytes inside a JSON string. */
const shorten = (text: string, room: number): string => {
  if (jsonBytes(text) - 2 <= room) return text;
  let used = 0;
  for (const { segment, index } of segmentsOf(text, 'grapheme')) {
    used += jsonBytes(segment) - 2;
    if (used > room) return text.slice(0, index);
  }
  return text;
};
