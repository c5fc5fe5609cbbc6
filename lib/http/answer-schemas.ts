import * as z from 'zod';
import type { BudgetView } from '../budget/daily.ts';
import type { ModelsView } from '../models/list.ts';
import type { HealthReport } from '../operate/check-health.ts';
import { EFFORT_TAKEN, TAKES, WHEN_TAKEN } from '../sampling/catalogue-row.ts';
import { SERVER_KINDS } from '../sampling/server.ts';
import type { SearchMatch } from '../search/search-query.ts';
import type { UsageFigures, UsageGroup, UsageReport } from '../usage/read.ts';
import type { Problem } from './problem.ts';
import { errorSchema, runSchema, runSummarySchema } from './run-schemas.ts';

export const problemSchema = z
  .object({
    type: z.string().describe('urn:everytoken:problem: and the code.'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z
      .string()
      .describe('One of x-problem-codes; a failed run may carry a code of its model server instead.'),
    errors: z
      .array(
        z.object({
          path: z.string().describe('Dotted, as it was sent: settings.0.top_p'),
          message: z.string(),
        }),
      )
      .exactOptional()
      .describe('Every wrong place of the input.'),
    run: runSchema.exactOptional().describe('The run that failed.'),
  })
  .describe('An error, as RFC 9457 has it.') satisfies z.ZodType<Problem>;

export const runListSchema = z.object({
  data: z.array(runSummarySchema),
  next_cursor: z.string().nullable().describe('For the next page; null on the last one.'),
});

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

const takes = z.enum(TAKES);
const when = z.enum(WHEN_TAKEN);

export const modelListSchema = z.object({
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
}) satisfies z.ZodType<ModelsView>;

const usageFigures = {
  requests: z.int().describe('Runs.'),
  failed_requests: z.int().describe('Runs that failed.'),
  generations: z.int().describe('Outputs that ended.'),
  failed: z.int().describe('Outputs that failed.'),
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  reasoning_tokens: z.int().nullable().describe('Part of completion_tokens; null when none is known.'),
  cost_usd: z.number().nullable().describe('Sum of the known costs. US dollars; null when none is known.'),
  unpriced: z.int().describe('Completed outputs whose cost is not known.'),
  mean_ttft_ms: z.number().nullable().describe('Over completed outputs. Milliseconds.'),
};

export const usageFiguresSchema = z.object(usageFigures) satisfies z.ZodType<UsageFigures>;

const allowance = z.object({
  limit: z.number(),
  used: z.number().describe('With what runs under way have set aside.'),
  left: z.number(),
});

export const usageReportSchema = z.object({
  since: z.iso.datetime().describe('Inclusive.'),
  until: z.iso.datetime().describe('Exclusive.'),
  group_by: z.string().nullable(),
  groups: z.array(
    z.object({
      key: z.string().nullable().describe('Null: runs without this metadata key.'),
      ...usageFigures,
    }),
  ) satisfies z.ZodType<UsageGroup[]>,
  total: usageFiguresSchema,
  truncated: z.boolean().describe('There were more runs than are read at once; ask for a shorter time.'),
  budget: z
    .object({
      day: z.iso.date().describe('UTC.'),
      resets_at: z.iso.datetime(),
      tokens: allowance.nullable().describe('Null: not limited.'),
      cost_usd: allowance.nullable().describe('US dollars; null: not limited.'),
    })
    .nullable()
    .describe("The caller's budget of today; null: it has none."),
}) satisfies z.ZodType<UsageReport & { budget: BudgetView | null }>;

const check = z.enum(['ok', 'down']);

export const healthSchema = z.object({
  status: check,
  checks: z.record(z.string(), check).describe('dynamodb, s3, sqs, events, openai, pinecone'),
}) satisfies z.ZodType<HealthReport>;
