import * as z from 'zod';
import type { SearchAnswer } from '../../search/search-query.ts';
import { BODY, type Operations, SERVICES } from '../openapi/operation.ts';
import { COMPONENTS, changeAt, requestSchema, schemaOf } from '../openapi/schema.ts';
import { searchBodySchema } from './routes.ts';

export const searchAnswerSchema = schemaOf<SearchAnswer>()({
  matches: z.array(
    z.object({
      score: z.number().describe('Cosine similarity.'),
      run_id: z.string(),
      index: z.int().describe("The generation's index."),
      text: z.string().describe('The text stored with the vector: a chunk, possibly truncated.'),
      metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
    }),
  ),
  warnings: z
    .array(z.string())
    .exactOptional()
    .describe('Present when the matches may be incomplete, with the reason.'),
}).register(COMPONENTS, { id: 'SearchAnswer' });

/** Field descriptions of POST /search. */
const DESCRIPTIONS: Record<string, string> = {
  query: 'The text to search for: 1 to 8,000 bytes of UTF-8.',
  top_k: 'Maximum number of outputs; 10 by default.',
  filter:
    'Conditions that all must hold. Bounds are inclusive, and an unknown figure meets no bound. metadata.KEY fields match exactly.',
  model: 'The requested model.',
  label: 'The label of the setting.',
  run_id: 'Only outputs of this run.',
  since: 'Created at or after this date (UTC), instant, or time before now: 30m, 24h, 7d, 4w.',
  until: 'Created before this instant or time before now, or on or before this date (UTC).',
};

/** Adds the open `metadata.KEY` fields, which the parser's schema of fixed fields does not have. */
const withMetadata = (filter: object) => ({
  ...filter,
  patternProperties: { '^metadata\\..{1,64}$': { type: ['string', 'null'], maxLength: 512 } },
});

const REQUEST = {
  name: 'SearchRequest',
  schema: {
    ...changeAt(requestSchema(searchBodySchema, DESCRIPTIONS), 'properties.filter.anyOf.0', withMetadata),
    description: "A search by meaning over the caller's outputs. Null means absent.",
  },
};

export const SEARCH_OPERATIONS: Operations<'/search'> = {
  'POST /search': {
    operationId: 'search',
    summary: 'Finds outputs by meaning',
    body: REQUEST,
    answers: { 200: { description: 'The matches, best first.', json: searchAnswerSchema } },
    problems: { ...BODY, ...SERVICES },
  },
};
