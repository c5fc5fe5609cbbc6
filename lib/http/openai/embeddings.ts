import type * as z from 'zod';
import type { CreatedEmbeddings, CreateEmbeddings } from '../../embed/create-embeddings.ts';
import { toDecimals } from '../../vectors/decimals.ts';
import type { Handlers, WithCaller } from '../base-app.ts';
import { readJsonBody } from '../read-request.ts';
import {
  type EmbeddingFormat,
  type ParsedEmbeddingsRequest,
  parseEmbeddingsRequest,
} from './embeddings-request.ts';
import type { embeddingListSchema } from './embeddings-schema.ts';

export type EmbeddingsRouteDeps = {
  embeddings: {
    create: CreateEmbeddings;
    /** The deployment's embedding model, and the dimensions of its vectors. */
    model: string;
    dimensions: number;
  };
};

/** The time for an answer, retries included, in ms: below the gateway's 29 s for a buffered response. */
const ANSWER_MS = 25_000;

/** POST /v1/embeddings: OpenAI's embeddings (https://platform.openai.com/docs/api-reference/embeddings). It is no run. */
export const embeddingsRoutes = (
  { embeddings }: EmbeddingsRouteDeps,
  withCaller: WithCaller,
): Handlers<'/v1/embeddings'> => ({
  '/v1/embeddings': {
    POST: withCaller(async (c, caller) => {
      const { raw } = c.req;
      const request = parseEmbeddingsRequest(await readJsonBody(raw), embeddings);
      const signal = AbortSignal.any([raw.signal, AbortSignal.timeout(ANSWER_MS)]);
      return Response.json(listOf(await embeddings.create(request, caller, signal), request));
    }),
  },
});

const listOf = (
  { vectors, tokens, costUsd, e2eMs }: CreatedEmbeddings,
  { format, model }: ParsedEmbeddingsRequest,
): z.infer<typeof embeddingListSchema> => ({
  object: 'list',
  data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: encoded(vector, format) })),
  model,
  ...(tokens !== null && { usage: { prompt_tokens: tokens, total_tokens: tokens } }),
  everytoken: { timing: { e2e_ms: e2eMs }, cost_usd: costUsd },
});

const encoded = (vector: Float32Array, format: EmbeddingFormat): number[] | string =>
  format === 'float' ? toDecimals(vector) : base64Of(vector);

/** The values as little-endian float32, whatever the order of this machine. */
const base64Of = (vector: Float32Array): string => {
  const bytes = Buffer.alloc(vector.byteLength);
  for (const [at, value] of vector.entries()) bytes.writeFloatLE(value, at * 4);
  return bytes.toString('base64');
};
