import { toDecimals } from '../vectors/decimals.ts';
import type { EmbeddingFormat } from './embeddings-request.ts';

/** An answer in OpenAI's format: https://platform.openai.com/docs/api-reference/embeddings/object */
export type EmbeddingList = {
  object: 'list';
  data: { object: 'embedding'; index: number; embedding: number[] | string }[];
  model: string;
  /** Absent when the embeddings server did not report it. */
  usage?: { prompt_tokens: number; total_tokens: number };
};

/** Makes the answer of vectors in the order of the inputs; `tokens` is null when unknown. */
export const embeddingListOf = (
  { vectors, tokens }: { vectors: readonly Float32Array[]; tokens: number | null },
  { format, model }: { format: EmbeddingFormat; model: string },
): EmbeddingList => ({
  object: 'list',
  data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: encoded(vector, format) })),
  model,
  ...(tokens !== null && { usage: { prompt_tokens: tokens, total_tokens: tokens } }),
});

const encoded = (vector: Float32Array, format: EmbeddingFormat): number[] | string =>
  format === 'float' ? toDecimals(vector) : base64Of(vector);

/** The values as little-endian float32, whatever the order of this machine. */
const base64Of = (vector: Float32Array): string => {
  const bytes = Buffer.alloc(vector.byteLength);
  for (const [at, value] of vector.entries()) bytes.writeFloatLE(value, at * 4);
  return bytes.toString('base64');
};
