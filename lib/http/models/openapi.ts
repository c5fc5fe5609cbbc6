import * as z from 'zod';
import type { ModelsView } from '../../models/list.ts';
import { EFFORT_TAKEN, MODEL_APIS, TAKES, WHEN_TAKEN } from '../../sampling/catalogue-row.ts';
import { SERVER_KINDS } from '../../sampling/server.ts';
import type { Operations } from '../openapi/operation.ts';
import { COMPONENTS, schemaOf } from '../openapi/schema.ts';
import { errorSchema } from '../runs/generation-schemas.ts';

const takes = z.enum(TAKES);
const when = z.enum(WHEN_TAKEN);

export const modelListSchema = schemaOf<ModelsView & { next_cursor: null }>()({
  data: z.array(
    z.object({
      id: z.string().describe('The name to use as model in a run.'),
      provider: z.string().describe('default, or a provider name from the PROVIDERS variable.'),
      sampling: z
        .object({
          api: z
            .enum(MODEL_APIS)
            .describe(
              "The model server's API that is asked. as_needed: chat completions, and the Responses API for tools with reasoning and for reasoning_summary.",
            ),
          temperature: when.describe('unknown: sent as requested; everytoken learns from a refusal.'),
          top_p: when,
          top_k: takes.describe('unknown: sent, but not known to be applied.'),
          logprobs: takes,
          include_usage: takes,
          reasoning_effort: z.enum(EFFORT_TAKEN),
          tools: when.describe(
            'Function tools on chat completions. A run that asks for them at another effort is answered by the Responses API, or refused where api is chat_completions.',
          ),
          token_limit: z.enum(['max_tokens', 'max_completion_tokens']),
          prompt_overhead: z
            .int()
            .describe(
              'Tokens that the server may add to a prompt; budgets reserve them for each generation.',
            ),
          extra: z.record(z.string(), takes).describe('Fields of extra_body by name.'),
        })
        .nullable()
        .describe(
          'Which fields of a run it supports; null for a model that generates no text or is retired.',
        ),
      shutdown_date: z.string().nullable().describe('ISO 8601; null when none is known.'),
      retired: z.boolean().describe('Runs with a retired model are refused.'),
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
        .describe('US dollars per million tokens; null when unknown.'),
    }),
  ),
  next_cursor: z.null().describe('Always null: the list has one page.'),
  providers: z.array(
    z.object({
      name: z.string(),
      status: z.enum(['ok', 'error']),
      server: z
        .enum(SERVER_KINDS)
        .describe('The kind of server, from its host, its configuration or its list of models.'),
      models: z.int().nullable(),
      error: errorSchema.nullable().describe('Why its list could not be read.'),
    }),
  ),
}).register(COMPONENTS, { id: 'ModelList' });

export const MODEL_OPERATIONS: Operations<'/models'> = {
  'GET /models': {
    operationId: 'listModels',
    summary: 'Lists the models of the configured servers and the fields that they support',
    description:
      "Each server's own list, cached for a minute, joined with the known properties of its models. Retired models are listed with their replacement.",
    answers: { 200: { description: 'The catalogue.', json: modelListSchema } },
    problems: { 400: ['invalid_input'] },
  },
};
