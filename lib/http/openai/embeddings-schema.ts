import * as z from 'zod';
import { COMPONENTS } from '../openapi/schema.ts';

/** The answer of POST /v1/embeddings, for openapi.json and tests. No function's bundle contains it. */
export const embeddingListSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(
      z.object({
        object: z.literal('embedding'),
        index: z.int().describe("The input's place in the request."),
        embedding: z
          .union([z.array(z.number()), z.string()])
          .describe(
            'Numbers that read back as the same float32; with encoding_format base64 the values as little-endian float32, in base64.',
          ),
      }),
    ),
    model: z.string().describe("The deployment's embedding model."),
    usage: z
      .object({ prompt_tokens: z.int(), total_tokens: z.int() })
      .exactOptional()
      .describe('Absent when the embeddings server did not report it.'),
    everytoken: z.object({
      timing: z.object({
        e2e_ms: z
          .number()
          .describe(
            'From sending the inputs to the embeddings server until its whole answer, retries included.',
          ),
      }),
      cost_usd: z.number().nullable().describe('Null when the usage or the price is unknown.'),
    }),
  })
  .describe("Vectors in OpenAI's format.")
  .register(COMPONENTS, { id: 'EmbeddingList' });
