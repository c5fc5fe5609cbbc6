import type * as z from 'zod';
import type { CreateEmbeddings } from '../../embed/create-embeddings.ts';
import { embeddingListOf } from '../../openai/embedding-list.ts';
import { parseEmbeddingsRequest } from '../../openai/embeddings-request.ts';
import type { Handlers, WithCaller } from '../base-app.ts';
import { readJsonBody } from '../read-request.ts';
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
      const created = await embeddings.create(request, caller, signal);
      return Response.json({
        ...embeddingListOf(created, request),
        everytoken: { timing: { e2e_ms: created.e2eMs }, cost_usd: created.costUsd },
      } satisfies z.infer<typeof embeddingListSchema>);
    }),
  },
});
