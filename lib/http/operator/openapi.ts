import * as z from 'zod';
import type { CallerView } from '../../operate/callers.ts';
import type { OperationsView } from '../../operate/operations.ts';
import { CURSOR, LIMIT, type Operations, SERVICES } from '../openapi/operation.ts';
import { COMPONENTS, schemaOf } from '../openapi/schema.ts';
import { budgetSchema } from '../usage/openapi.ts';

const byStatus = z.record(z.string(), z.int()).describe('By status; one without any is left out.');
const oldest = z
  .object({
    id: z.string(),
    status: z.string(),
    due_at: z.iso.datetime().describe('When its next step is due.'),
    overdue_seconds: z.int().describe('0 for one that is not due yet.'),
  })
  .nullable();
const approximate = "By SQS's approximate count; null for a target without a queue.";

export const operationsSchema = schemaOf<OperationsView>(
  'The work in hand. A part that could not be read within four seconds is null or missing, and named in errors.',
)({
  at: z.iso.datetime(),
  deployment: z.object({ stage: z.string().nullable(), id: z.string() }),
  in_hand: z
    .object({
      runs: byStatus,
      files: byStatus,
      blocks: z.int().describe('Blocks of 250 lines that are under way.'),
      sums: z.int().describe('Hours and days of usage that are to be summed.'),
      at_least: z.boolean().describe('There is more: 2,000 items were read, those that are due first.'),
    })
    .nullable()
    .describe(
      'Those with work left. Deleted and cancelled ones wait until their data is purged a last time.',
    ),
  oldest: z.object({ run: oldest, file: oldest }).nullable().describe('Those whose next step is due first.'),
  queues: z
    .array(
      z.object({
        name: z.string().describe('jobs, intake, embed; rule and sweep have dead letters alone.'),
        visible: z.int().nullable().describe(approximate),
        in_flight: z.int().nullable().describe('Received by a function and not done.'),
        delayed: z.int().nullable(),
        dead_letters: z.int(),
      }),
    )
    .nullable(),
  last_sweep: z
    .object({
      started_at: z.iso.datetime(),
      seconds_ago: z.int().describe('Above 120 the sweep does not run.'),
      duration_ms: z.int(),
      moved: z.int(),
      failed: z.int(),
      complete: z.boolean().describe('Whether it read all that was due.'),
    })
    .nullable()
    .describe('Null before the first one.'),
  errors: z.array(z.object({ part: z.string(), message: z.string() })),
}).register(COMPONENTS, { id: 'Operations' });

const callerSchema = schemaOf<CallerView>('A caller, as an operator sees it.')({
  caller: z.string(),
  last_used_at: z.iso.datetime().nullable().describe('When its newest run was accepted; null without any.'),
  budget: budgetSchema,
  keys: z
    .object({ valid: z.int(), disabled: z.int(), operator: z.boolean().describe("They are an operator's.") })
    .nullable()
    .describe(
      'Stored keys; those of EVERYTOKEN_API_KEYS are not counted. Null until everytoken keys has listed or changed one.',
    ),
}).register(COMPONENTS, { id: 'Caller' });

export const callerListSchema = z
  .object({ data: z.array(callerSchema), next_cursor: z.string().nullable() })
  .register(COMPONENTS, { id: 'CallerList' });

export const OPERATOR_OPERATIONS: Operations<'/operations' | '/callers'> = {
  'GET /operations': {
    operationId: 'readOperations',
    summary: 'Reads what is in hand, queued, overdue and dead-lettered',
    description:
      "For an operator's key (everytoken keys add --operator); a deployment whose callers need no key answers all. It answers within five seconds. SQS tells no age of messages: that of work is overdue_seconds, and CloudWatch has that of messages.",
    answers: { 200: { description: 'The work in hand.', json: operationsSchema } },
    problems: { 400: ['invalid_input'], ...SERVICES },
  },
  'GET /callers': {
    operationId: 'listCallers',
    summary: 'Lists callers, by name',
    description: "For an operator's key: last use, budget and keys of each caller.",
    parameters: [LIMIT, CURSOR],
    answers: { 200: { description: 'A page.', json: callerListSchema } },
    problems: { 400: ['invalid_input'], ...SERVICES },
  },
};
