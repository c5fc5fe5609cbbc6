import { batchRequestSchema } from '../../../batches/create-batch.ts';
import {
  BODY,
  idempotencyKey,
  inPath,
  inQuery,
  LIMIT,
  type Operations,
  REPLAYED,
} from '../../openapi/operation.ts';
import { requestSchema } from '../../openapi/schema.ts';
import {
  batchListSchema,
  batchResultSchema,
  batchSchema,
  deletedFileSchema,
  fileObjectListSchema,
  fileObjectSchema,
} from './schemas.ts';

const BATCH_REQUEST = {
  name: 'OpenAIBatchRequest',
  schema: {
    ...requestSchema(batchRequestSchema, {
      input_file_id: 'The id of an input file, of POST /v1/files or of POST /files with purpose batch.',
      endpoint: 'The url of every line; a line with another one fails alone.',
      completion_window: 'Must be 24h. Batches do not expire.',
      metadata: '16 pairs at most.',
    }),
    description: "OpenAI's request for a batch. Other fields are refused by name. Null means absent.",
  },
};

const FILE_FORM = {
  name: 'OpenAIFileForm',
  type: 'multipart/form-data' as const,
  schema: {
    type: 'object',
    properties: {
      file: { type: 'string', format: 'binary', description: 'Lines for the Batch API, in UTF-8.' },
      purpose: { const: 'batch' },
    },
    required: ['file', 'purpose'],
    additionalProperties: false,
    description: 'The form of an input file, of 4 MiB at most.',
  },
};

const FILE_ID = inPath('id', 'The id of an input file, or of the results of a batch.');
const BATCH_ID = inPath('id', 'The id of a batch.');
const after = (what: string) => inQuery('after', `last_id of the previous page of ${what}.`);
const FOUND = { 404: ['not_found'] } satisfies Operations<'/v1/files'>['GET /v1/files']['problems'];

export const BATCH_OPERATIONS: Operations<'/v1/files' | '/v1/batches'> = {
  'POST /v1/files': {
    operationId: 'createOpenAIFile',
    summary: "Stores the input of batches, in OpenAI's protocol",
    description:
      'Nothing of it is generated before a batch is created. Files larger than the form may be are uploaded by POST /files with purpose batch.',
    body: FILE_FORM,
    answers: { 200: { description: 'The file.', json: fileObjectSchema } },
    problems: { 400: ['invalid_input'], 413: ['body_too_large'], 415: ['unsupported_media_type'] },
  },
  'GET /v1/files': {
    operationId: 'listOpenAIFiles',
    summary: "Lists input files and the results of batches, in OpenAI's protocol",
    parameters: [
      inQuery('limit', 'Maximum number of files; a page has 100 at most.', {
        type: 'integer',
        minimum: 1,
        maximum: 10_000,
        default: 100,
      }),
      after('files'),
      inQuery('order', 'desc: the newest first. Results have the time of their batch.', {
        enum: ['asc', 'desc'],
        default: 'desc',
      }),
      inQuery('purpose', 'Only files of this purpose.', { enum: ['batch', 'batch_output'] }),
    ],
    answers: { 200: { description: 'A page of files.', json: fileObjectListSchema } },
    problems: { 400: ['invalid_input'] },
  },
  'GET /v1/files/{id}': {
    operationId: 'readOpenAIFile',
    summary: "Reads what is known of a file, in OpenAI's protocol",
    parameters: [FILE_ID],
    answers: { 200: { description: 'The file.', json: fileObjectSchema } },
    problems: FOUND,
  },
  'DELETE /v1/files/{id}': {
    operationId: 'deleteOpenAIFile',
    summary: "Deletes an input file or the results of a batch, in OpenAI's protocol",
    description: 'Batches of the file go on: each has a copy of its own.',
    parameters: [FILE_ID],
    answers: { 200: { description: 'The file was deleted.', json: deletedFileSchema } },
    problems: FOUND,
  },
  'GET /v1/files/{id}/content': {
    operationId: 'readOpenAIFileContent',
    summary: "Reads the lines of a file, in OpenAI's protocol",
    description: 'The lines are streamed, so a file may have any size.',
    parameters: [FILE_ID],
    answers: {
      200: {
        description: 'The lines of the results, or of the input as it was sent.',
        lines: batchResultSchema,
      },
    },
    problems: { ...FOUND, 400: ['invalid_input'] },
  },
  'POST /v1/batches': {
    operationId: 'createOpenAIBatch',
    summary: "Creates a batch of an input file, in OpenAI's protocol",
    description:
      'A batch is a prompt file of GET /files, too. Its lines are generated at once, with timings, at the usual price.',
    parameters: [idempotencyKey('batch, never a second one')],
    body: BATCH_REQUEST,
    answers: { 200: { description: 'The batch.', headers: REPLAYED, json: batchSchema } },
    problems: { ...BODY, 410: ['gone'], 422: ['idempotency_key_reused'] },
  },
  'GET /v1/batches': {
    operationId: 'listOpenAIBatches',
    summary: "Lists batches, newest first, in OpenAI's protocol",
    parameters: [LIMIT, after('batches')],
    answers: { 200: { description: 'A page of batches.', json: batchListSchema } },
    problems: { 400: ['invalid_input'] },
  },
  'GET /v1/batches/{id}': {
    operationId: 'readOpenAIBatch',
    summary: "Reads a batch, in OpenAI's protocol",
    parameters: [BATCH_ID],
    answers: { 200: { description: 'The batch.', json: batchSchema } },
    problems: { ...FOUND, 410: ['gone'] },
  },
  'POST /v1/batches/{id}/cancel': {
    operationId: 'cancelOpenAIBatch',
    summary: "Cancels a batch, in OpenAI's protocol",
    description:
      'Lines that have not begun are left out, and those under way have half a minute. The answers so far are its output. One that has ended stays as it is.',
    parameters: [BATCH_ID],
    answers: { 200: { description: 'The batch.', json: batchSchema } },
    problems: { ...FOUND, 410: ['gone'] },
  },
};
