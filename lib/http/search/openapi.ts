import * as z from 'zod';
import type { SearchMatch } from '../../search/search-query.ts';

export const searchAnswerSchema = z.object({
  matches: z.array(
    z.object({
      score: z.number().describe('Cosine similarity.'),
      run_id: z.string(),
      index: z.int().describe("The generation's."),
      text: z.string().describe('What its vector stores: a chunk, perhaps trimmed.'),
      metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
    }),
  ),
}) satisfies z.ZodType<{ matches: SearchMatch[] }>;
