import * as z from 'zod';
import type { SearchAnswer, SearchMatch } from '../../search/search-query.ts';
import { BODY, type Operations, SERVICES } from '../openapi/operation.ts';
import { COMPONENTS, changeAt, requestSchema, schemaOf } from '../openapi/schema.ts';
import { searchBodySchema } from './routes.ts';

const matchFields = {
  score: z.number().describe('Cosine similarity of the query and this text.'),
  run_id: z.string(),
  index: z.int().describe("The generation's index."),
  text: z.string().describe('The text stored with the vector: a chunk, possibly truncated.'),
  words: z
    .array(z.string())
    .describe(
      'The rare words of the query that this text has literally, in lower case: identifiers, names, numbers.',
    ),
  model: z.string().describe('The requested model.'),
  label: z.string().describe('The label of the setting.'),
  created_at: z.string().describe('When its run was accepted, ISO 8601.'),
  prompt_preview: z
    .string()
    .nullable()
    .describe("Up to 120 characters of its run's prompt, or of the last message; null when unknown."),
  metadata: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
    .describe('The other fields stored with the vector; its created_at is in epoch ms.'),
};

const matchSchema = schemaOf<SearchMatch>('An output found.')({
  ...matchFields,
  vector: z
    .array(z.number())
    .nullable()
    .exactOptional()
    .describe(
      'With include: ["vectors"], the vector of this text, float32 in at most nine digits; null when it was deleted meanwhile.',
    ),
}).register(COMPONENTS, { id: 'SearchMatch' });

export const searchAnswerSchema = schemaOf<SearchAnswer>()({
  data: z
    .array(matchSchema)
    .describe(
      'The outputs found, best first: by meaning, and by the rare words of the query. The order is not that of score alone when the query has rare words.',
    ),
  matches: z
    .array(z.object(matchFields))
    .meta({ deprecated: true })
    .describe('Deprecated: the earlier name of data. The same list, without vectors.'),
  next_cursor: z.null().describe('Always null: a search has one page.'),
  warnings: z
    .array(z.string())
    .exactOptional()
    .describe('Present when the matches may be incomplete, with the reason.'),
}).register(COMPONENTS, { id: 'SearchAnswer' });

/** Field descriptions of POST /search. */
const DESCRIPTIONS: Record<string, string> = {
  query: 'The text to search for: 1 to 8,000 bytes of UTF-8.',
  top_k: 'Maximum number of outputs; 10 by default.',
  include: 'Further fields of each match: "vectors", the vector of its text.',
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
    description: "A search over the caller's outputs, by meaning and by rare words. Null means absent.",
  },
};

export const SEARCH_OPERATIONS: Operations<'/search'> = {
  'POST /search': {
    operationId: 'search',
    summary: 'Finds outputs by meaning, and by rare words of the query',
    body: REQUEST,
    answers: { 200: { description: 'The matches, best first.', json: searchAnswerSchema } },
    problems: { ...BODY, ...SERVICES },
  },
};
