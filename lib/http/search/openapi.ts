import * as z from 'zod';
import type { SearchMatch } from '../../search/search-query.ts';
import { BODY, type Operations, SERVICES } from '../openapi/operation.ts';
import { COMPONENTS, changeAt, requestSchema, schemaOf } from '../openapi/schema.ts';
import { searchBodySchema } from './routes.ts';

export const searchAnswerSchema = schemaOf<{ matches: SearchMatch[] }>()({
  matches: z.array(
    z.object({
      score: z.number().describe('Cosine similarity.'),
      run_id: z.string(),
      index: z.int().describe("The generation's."),
      text: z.string().describe('What its vector stores: a chunk, perhaps trimmed.'),
      metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
    }),
  ),
}).register(COMPONENTS, { id: 'SearchAnswer' });

/** The meaning of each field of POST /search. */
const DESCRIPTIONS: Record<string, string> = {
  query: 'What to look for, in words: 1 to 8,000 bytes of UTF-8.',
  top_k: 'At most so many outputs; 10 by default.',
  filter:
    'What matches must fulfil, all of it. Bounds are inclusive; an unknown figure fulfils none. metadata.KEY fields match exactly.',
  model: 'The model asked for.',
  label: "The setting's.",
  run_id: 'Only outputs of this run.',
  since: 'Created at or after this date (UTC) or instant.',
  until: 'Created before this instant, or on or before this date (UTC).',
};

/** `metadata.KEY` fields are open, so they stand beside the schema that the parser uses for the fixed ones. */
const withMetadata = (filter: object) => ({
  ...filter,
  patternProperties: { '^metadata\\..{1,64}$': { type: ['string', 'null'], maxLength: 512 } },
});

const REQUEST = {
  name: 'SearchRequest',
  schema: {
    ...changeAt(requestSchema(searchBodySchema, DESCRIPTIONS), 'properties.filter.anyOf.0', withMetadata),
    description: 'A search by meaning over everything this caller has generated. Null means absent.',
  },
};

export const SEARCH_OPERATIONS: Operations<'/search'> = {
  'POST /search': {
    operationId: 'search',
    summary: 'Finds outputs by meaning',
    body: REQUEST,
    answers: { 200: { description: 'What was found, best first.', json: searchAnswerSchema } },
    problems: { ...BODY, ...SERVICES },
  },
};
