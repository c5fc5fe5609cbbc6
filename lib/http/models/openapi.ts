import * as z from 'zod';
import type { ModelsView } from '../../models/list.ts';
import { EFFORT_TAKEN, TAKES, WHEN_TAKEN } from '../../sampling/catalogue-row.ts';
import { SERVER_KINDS } from '../../sampling/server.ts';
import type { Operations } from '../openapi/operation.ts';
import { COMPONENTS, schemaOf } from '../openapi/schema.ts';
import { errorSchema } from '../runs/generation-schemas.ts';

const takes = z.enum(TAKES);
const when = z.enum(WHEN_TAKEN);

export const modelListSchema = schemaOf<ModelsView>()({
  data: z.array(
    z.object({
      id: z.string().describe('As one writes it in a run.'),
      provider: z.string().describe('default, or a name of PROVIDERS.'),
      sampling: z
        .object({
          temperature: when.describe('unknown: sent as asked; a refusal is learnt from the server.'),
          top_p: when,
          top_k: takes.describe('unknown: sent, and no effect is claimed.'),
          logprobs: takes,
          include_usage: takes,
          reasoning_effort: z.enum(EFFORT_TAKEN),
          token_limit: z.enum(['max_tokens', 'max_completion_tokens']),
          extra: z.record(z.string(), takes).describe('Fields of extra_body by name.'),
        })
        .nullable()
        .describe('How it takes the fields of a run; null for one that generates no text, or none any more.'),
      shutdown_date: z.string().nullable().describe('ISO 8601; null: none is known.'),
      retired: z.boolean().describe('A run that asks for it is refused.'),
      replacement: z.string().nullable(),
      price: z
        .object({
          source: z.string(),
          as_of: z.string(),
          input: z.number(),
          cached: z.number(),
          output: z.number(),
        })
        .nullable()
        .describe('US dollars per million tokens; null: not known.'),
    }),
  ),
  providers: z.array(
    z.object({
      name: z.string(),
      status: z.enum(['ok', 'error']),
      server: z
        .enum(SERVER_KINDS)
        .describe('What it is, by its host, its configuration or its list of models.'),
      models: z.int().nullable(),
      error: errorSchema.nullable().describe('Why it did not give its list.'),
    }),
  ),
}).register(COMPONENTS, { id: 'ModelList' });

export const MODEL_OPERATIONS: Operations<'/models'> = {
  'GET /models': {
    operationId: 'listModels',
    summary: 'What the configured model servers have, and how they take a run',
    description:
      "Each server's own list, asked for once a minute, joined with what is known of its models; retired ones are named with their replacement.",
    answers: { 200: { description: 'The catalogue.', json: modelListSchema } },
    problems: { 400: ['invalid_input'] },
  },
};
