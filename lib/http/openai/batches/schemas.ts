import * as z from 'zod';
import type { BatchView } from '../../../batches/view-batch.ts';
import { BATCH_ENDPOINTS } from '../../../files/formats/batch-line.ts';
import { COMPONENTS, schemaOf } from '../../openapi/schema.ts';
import type { FileObject } from './routes.ts';

const at = (description: string) => z.int().nullable().describe(`Epoch seconds; ${description}`);
const id = (description: string) => z.string().nullable().describe(description);

export const fileObjectSchema = schemaOf<FileObject>("A file in OpenAI's format.")({
  id: z.string(),
  object: z.literal('file'),
  bytes: z.int(),
  created_at: z.int().describe('Epoch seconds.'),
  expires_at: z.null(),
  filename: z.string(),
  purpose: z.enum(['batch', 'batch_output']),
  status: z.literal('processed'),
  status_details: z.null(),
}).register(COMPONENTS, { id: 'OpenAIFile' });

export const batchSchema = schemaOf<BatchView>("A batch in OpenAI's format.")({
  id: z.string(),
  object: z.literal('batch'),
  endpoint: z.enum(BATCH_ENDPOINTS),
  input_file_id: z.string(),
  completion_window: z.literal('24h').describe('Batches do not expire: one that takes longer goes on.'),
  status: z.enum([
    'validating',
    'in_progress',
    'finalizing',
    'completed',
    'failed',
    'cancelling',
    'cancelled',
  ]),
  output_file_id: id('The lines with an answer, in the order of the input; null without any.'),
  error_file_id: id('The lines without an answer, in the order of the input; null without any.'),
  errors: z
    .object({
      object: z.literal('list'),
      data: z.array(
        z.object({
          code: z.string(),
          line: z.int().nullable(),
          message: z.string(),
          param: z.string().nullable(),
        }),
      ),
    })
    .nullable()
    .describe('Why a batch failed as a whole.'),
  created_at: z.int().describe('Epoch seconds.'),
  in_progress_at: at('when all lines were read.'),
  expires_at: z.null(),
  finalizing_at: z.null(),
  completed_at: at('when the results were there.'),
  failed_at: at('when it failed as a whole.'),
  expired_at: z.null(),
  cancelling_at: at('when it was cancelled.'),
  cancelled_at: at('when the results of a cancelled one were there.'),
  request_counts: z
    .object({ total: z.int(), completed: z.int(), failed: z.int() })
    .describe('Lines; total is 0 until they were read.'),
  usage: z.object({
    input_tokens: z.int(),
    output_tokens: z.int(),
    total_tokens: z.int(),
    input_tokens_details: z.object({ cached_tokens: z.int().nullable() }),
    output_tokens_details: z.object({ reasoning_tokens: z.int().nullable() }),
  }),
  metadata: z.record(z.string(), z.string()).nullable(),
  everytoken: z.object({
    file_id: z.string().describe('The prompt file of GET /files/{id} that the batch is.'),
    cost_usd: z.number().nullable().describe('Null when the price of a model that answered is unknown.'),
  }),
}).register(COMPONENTS, { id: 'OpenAIBatch' });

const page = { first_id: id('Null in an empty page.'), last_id: id('The next page is after it.') };
const hasMore = z.boolean();

export const fileObjectListSchema = z
  .object({ object: z.literal('list'), data: z.array(fileObjectSchema), ...page, has_more: hasMore })
  .describe("A page of files in OpenAI's format.")
  .register(COMPONENTS, { id: 'OpenAIFileList' });

export const batchListSchema = z
  .object({ object: z.literal('list'), data: z.array(batchSchema), ...page, has_more: hasMore })
  .describe("A page of batches in OpenAI's format.")
  .register(COMPONENTS, { id: 'OpenAIBatchList' });

export const deletedFileSchema = z
  .object({ id: z.string(), object: z.literal('file'), deleted: z.literal(true) })
  .describe('A file that was deleted.')
  .register(COMPONENTS, { id: 'OpenAIDeletedFile' });

/** A line of a batch's output or errors; its response's body is that of the endpoint. */
export const batchResultSchema = z
  .object({
    id: z.string(),
    custom_id: z.string().nullable(),
    response: z
      .object({ status_code: z.int(), request_id: z.string(), body: z.record(z.string(), z.unknown()) })
      .nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    everytoken: z.record(z.string(), z.unknown()).describe('The line, the run, its timing and its cost.'),
  })
  .describe("A line of results in OpenAI's format.")
  .register(COMPONENTS, { id: 'OpenAIBatchResult' });
