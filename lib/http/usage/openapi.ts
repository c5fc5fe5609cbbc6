import * as z from 'zod';
import type { BudgetView } from '../../budget/daily.ts';
import type { UsageFigures } from '../../usage/groups.ts';
import type { UsageReport } from '../../usage/read.ts';
import { inQuery, type Operations, SERVICES, SINCE, UNTIL } from '../openapi/operation.ts';
import { COMPONENTS, schemaOf } from '../openapi/schema.ts';

const usageFiguresSchema = schemaOf<UsageFigures>()({
  requests: z.int().describe('Number of runs.'),
  failed_requests: z.int().describe('Runs that failed.'),
  generations: z.int().describe('Outputs that ended.'),
  failed: z.int().describe('Outputs that failed.'),
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  reasoning_tokens: z.int().nullable().describe('Part of completion_tokens; null when none is known.'),
  cost_usd: z.number().nullable().describe('Sum of the known costs. US dollars; null when none is known.'),
  unpriced: z.int().describe('Completed outputs whose cost is unknown.'),
  mean_ttft_ms: z.number().nullable().describe('Mean over completed outputs. Milliseconds.'),
});

const allowance = z.object({
  limit: z.number(),
  used: z.number().describe('Includes the reservations of runs under way.'),
  left: z.number(),
});

export const budgetSchema = z
  .object({
    day: z.iso.date().describe('UTC.'),
    resets_at: z.iso.datetime(),
    tokens: allowance.nullable().describe('Null when not limited.'),
    cost_usd: allowance.nullable().describe('US dollars; null when not limited.'),
  })
  .nullable()
  .describe("The caller's budget of today; null without one.");

export const usageReportSchema = schemaOf<UsageReport & { budget: BudgetView | null }>()({
  since: z.iso.datetime().describe('Inclusive.'),
  until: z.iso.datetime().describe('Exclusive.'),
  group_by: z.string().nullable().describe('As it was asked for.'),
  groups: z.array(
    z.object({
      key: z
        .string()
        .nullable()
        .describe(
          'The key of the only grouping. Null for runs without this metadata key or whose names were erased, for other, and with two groupings.',
        ),
      keys: z.record(z.string(), z.string().nullable()).describe('The key of each grouping, by its name.'),
      other: z
        .literal(true)
        .exactOptional()
        .describe('The sum of the groups that are not shown: at most 5,000 are, those of the highest cost.'),
      ...usageFiguresSchema.shape,
    }),
  ),
  total: usageFiguresSchema,
  truncated: z
    .boolean()
    .describe(
      'Not all runs that are not summed yet were read; ask for a shorter period, or one that ended an hour ago.',
    ),
  budget: budgetSchema,
}).register(COMPONENTS, { id: 'UsageReport' });

export const USAGE_OPERATIONS: Operations<'/usage'> = {
  'GET /usage': {
    operationId: 'readUsage',
    summary: "Reads the caller's requests, tokens and cost",
    parameters: [
      SINCE,
      UNTIL,
      inQuery(
        'group_by',
        'One or two of model, label, day and metadata.KEY, with a comma between (day,model); for an operator model, day, caller and the metadata of USAGE_KEYS. A comma within KEY has a backslash before it.',
        {
          type: 'string',
          pattern:
            '^(model|label|day|caller|metadata\\..{1,65})(,(model|label|day|caller|metadata\\..{1,65}))?$',
        },
      ),
      inQuery('format', 'csv for a table: a row a group, or one row of the total.', {
        type: 'string',
        enum: ['json', 'csv'],
        default: 'json',
      }),
      inQuery(
        'caller',
        "With an operator's key: one caller alone, with its budget. Without it: all callers.",
      ),
    ],
    description:
      'The last 7 days by default, 400 days at most. A run of several labels or models counts in each group. What deleted runs used stays counted. Closed hours and days are summed once; a run that ends later is added within some ten minutes. Grouping by a metadata key by which the operator has not had usage summed reads the runs themselves, 10,000 at most.',
    answers: { 200: { description: 'Usage.', json: usageReportSchema, text: 'text/csv' } },
    problems: { 400: ['invalid_input'], ...SERVICES },
  },
};
