import * as z from 'zod';
import type { FileEstimate } from '../../files/estimate/estimate-file.ts';
import { estimateRequestSchema } from '../../files/estimate/estimated-source.ts';
import { BATCH_ENDPOINTS } from '../../files/formats/batch-line.ts';
import { FILE_STATUSES } from '../../files/prompt-file.ts';
import { type Upload, uploadRequestSchema } from '../../files/upload.ts';
import type { FileView } from '../../files/view.ts';
import { budgetVerdictSchema, range, takenFields } from '../openapi/estimate-schemas.ts';
import {
  BODY,
  CURSOR,
  idempotencyKey,
  inPath,
  inQuery,
  LIMIT,
  locationOf,
  type Operation,
  type Operations,
  REPLAYED,
  SERVICES,
  SINCE,
  UNTIL,
  WAIT,
} from '../openapi/operation.ts';
import { COMPONENTS, nextCursorSchema, requestSchema, schemaOf } from '../openapi/schema.ts';
import { errorSchema } from '../runs/generation-schemas.ts';

const lines = (description: string) => z.int().describe(description);
const known = (description: string) =>
  z.int().nullable().describe(`${description} Null until the file is read.`);

const lineErrorsSchema = z
  .array(
    z.object({
      code: z.string(),
      count: z.int().describe('All lines with this code.'),
      lines: z
        .array(z.int())
        .describe('The first 20 of them. Lines that were not begun, because of a stop, may be left out.'),
    }),
  )
  .register(COMPONENTS, { id: 'LineErrors' });

const fileSchema = schemaOf<FileView>()({
  id: z.string(),
  object: z.literal('file'),
  key: z.string().describe('Key of its object in the bucket.'),
  filename: z.string().describe('The last part of the key.'),
  size_bytes: z.int(),
  retry_of: z.string().nullable().describe('The id of the file that this one retries.'),
  endpoint: z
    .enum(BATCH_ENDPOINTS)
    .nullable()
    .describe(
      'The endpoint whose requests the lines of a batch are; null for any other file. Lines for /v1/embeddings are no runs.',
    ),
  status: z.enum(FILE_STATUSES),
  created_at: z.iso.datetime(),
  generating_at: z.iso.datetime().nullable(),
  ended_at: z.iso.datetime().nullable(),
  dry_run: z.boolean(),
  max_cost_usd: z.number().nullable(),
  stopped: z
    .object({ code: z.enum(['cancelled', 'max_cost_reached']), at: z.iso.datetime() })
    .nullable()
    .describe('Lines that had not begun by then are not generated.'),
  error: errorSchema
    .nullable()
    .describe('Why the file could not be read as prompts, or its results could not be written.'),
  counts: z
    .object({
      lines: known('All lines of the file.'),
      accepted: known('Valid run requests.'),
      refused: known('Lines that are not valid run requests.'),
      reused: lines('Results reused from an earlier file: not generated or paid for again.'),
      generated: lines('Generated for this file.'),
      completed: lines('Lines with text.'),
      failed: lines('Lines without text, including refused and not begun ones.'),
      not_begun: lines('Lines that a stop left out.'),
      remaining: known('Lines still to be generated.'),
      generations: lines('Outputs.'),
    })
    .describe('Numbers of lines; generations counts outputs.'),
  estimate: z
    .object(takenFields)
    .nullable()
    .describe(
      'Of all accepted lines, also those that an earlier file has answered; typical values rest on your last runs. Null until the file is read, for batches of embeddings, and for files that an earlier version read.',
    ),
  errors: lineErrorsSchema.describe(
    'Lines without text so far, by the code of their error. Files that an earlier version began may leave some out.',
  ),
  usage: z.object({ prompt_tokens: z.int(), completion_tokens: z.int() }),
  cost_usd: z.number().nullable().describe('US dollars; null when a price is unknown.'),
  reused_cost_usd: z
    .number()
    .nullable()
    .describe(
      'The part of cost_usd that was paid for by an earlier file; 0 without reused lines, null when a price is unknown.',
    ),
  paid_usd: z.number().nullable().describe('The cost of this file itself: cost_usd without reused_cost_usd.'),
  lines_per_second: z
    .number()
    .nullable()
    .describe('Lines generated for this file, on average since generating_at.'),
  rows_per_second: z
    .number()
    .nullable()
    .describe(
      'Lines done, reused ones included, in the last minute, or up to half a minute more; since generating_at in the first one. Null when the file has ended.',
    ),
  seconds_left: z.number().nullable().describe('For the remaining lines at rows_per_second.'),
  results: z
    .object({ jsonl: z.string(), summary: z.string(), partial: z.string() })
    .describe('Keys in the bucket.'),
}).register(COMPONENTS, { id: 'FileSummary' });

export const fileAnswerSchema = fileSchema
  .extend({
    downloads: z
      .object({
        expires_at: z.iso.datetime(),
        jsonl: z.string().exactOptional(),
        csv: z.string().exactOptional(),
        txt: z.string().exactOptional().describe('The answer to a .txt or .md, if it has one.'),
        summary: z.string().exactOptional(),
        partial: z.string().exactOptional().describe('Exists after POST /files/{id}/results.'),
        partial_csv: z
          .string()
          .exactOptional()
          .describe('The same of a .csv, as its csv will be. Exists after POST /files/{id}/results.'),
      })
      .nullable()
      .describe('URLs of the results that exist now; null before the file is generated.'),
  })
  .register(COMPONENTS, { id: 'File' });

export const fileListSchema = z
  .object({
    data: z.array(fileSchema),
    next_cursor: nextCursorSchema,
  })
  .register(COMPONENTS, { id: 'FileList' });

export const uploadSchema = schemaOf<Upload>()({
  id: z.string().describe("The file's id; GET /files/{id} reports its progress."),
  upload: z
    .object({
      url: z.string(),
      method: z.literal('PUT'),
      headers: z.record(z.string(), z.string()),
      expires_at: z.iso.datetime(),
    })
    .describe(
      "The request that uploads the file's bytes, once; it needs no API key, but all of these headers.",
    ),
}).register(COMPONENTS, { id: 'Upload' });

export const fileEstimateSchema = schemaOf<FileEstimate>(
  'The expected tokens, cost and time of a prompt file.',
)({
  object: z.literal('file.estimate'),
  complete: z
    .boolean()
    .describe('Whether the whole file was read; if not, the rest is taken to be like the part that was.'),
  lines: z.int(),
  accepted: z.int().describe('Valid run requests.'),
  refused: z.int().describe('Lines that are not.'),
  reused: z
    .int()
    .describe('Accepted lines with a result of an earlier file; not generated or paid for again.'),
  generations: z.int().describe('Outputs of the accepted lines that are not reused, as are all that follow.'),
  ...takenFields,
  unpriced: z.array(z.string()).describe('The models whose price is unknown.'),
  models: z.array(
    z.object({
      model: z.string(),
      generations: z.int(),
      ...takenFields,
      earlier_outputs: z.int().describe("The caller's earlier outputs of the model that this rests on."),
    }),
  ),
  errors: lineErrorsSchema.describe('Refused lines of the part that was read, by the code of their error.'),
  error: errorSchema
    .nullable()
    .describe('Why the file could not be read as prompts; the lines before the fault are counted.'),
  previews: z
    .array(z.object({ line: z.int(), text: z.string() }))
    .describe('The last messages of the first 3 accepted lines, filled in; up to 300 characters of each.'),
  max_cost_usd: z
    .object({
      limit: z.number(),
      covers: z
        .enum(['yes', 'maybe', 'no'])
        .describe('Whether it covers the high cost, the low one alone, or neither.'),
    })
    .nullable(),
  budget: budgetVerdictSchema,
  wall_time_ms: range('From the first line to the last, in milliseconds.')
    .nullable()
    .describe('Null with mode "batch".'),
  lines_at_once: z.int(),
  based_on: z.array(z.string()).describe('The sources of the figures, in sentences.'),
}).register(COMPONENTS, { id: 'FileEstimate' });

const ESTIMATE_DESCRIPTIONS: Record<string, string> = {
  file_id: "An uploaded file of the caller's, whatever its state once its bytes are there.",
  key: "A prompt file of the caller's in the bucket: prompts/@{caller}/…",
  filename: 'The name of the file whose text is `content`; its extension determines the format.',
  content: 'The text of the file.',
  defaults: 'As in POST /files. Without it those of the stored file apply.',
};

const ESTIMATE_REQUEST = {
  name: 'FileEstimateRequest',
  schema: requestSchema(estimateRequestSchema, ESTIMATE_DESCRIPTIONS),
};

/** Field descriptions of POST /files. */
const DESCRIPTIONS: Record<string, string> = {
  filename: 'Its extension determines the format: .txt, .md, .json, .jsonl or .csv.',
  size_bytes:
    'Exact size of the upload. At most 1 MiB for .txt and .md, 16 MiB for .json, 1 GiB for .jsonl and .csv.',
  defaults:
    'Run fields for all lines (a prompt may be a template), max_cost_usd, rerun, dry_run, mode ("batch": later, at half the price); as in a .defaults.json.',
};

const REQUEST = { name: 'FileRequest', schema: requestSchema(uploadRequestSchema, DESCRIPTIONS) };

const ID = inPath('id', "The file's id.");

const NO_FILE: Operation['problems'] = { 404: ['not_found'], 410: ['gone'] };

export const FILE_OPERATIONS: Operations<'/files'> = {
  'POST /files': {
    operationId: 'createFile',
    summary: 'Announces a prompt file and returns its upload URL',
    description:
      'The response has a URL that accepts the bytes by PUT for a quarter of an hour. `defaults` has run fields for all lines, max_cost_usd, rerun, dry_run and mode.',
    body: REQUEST,
    answers: {
      201: { description: 'The URL to upload the file to.', headers: locationOf('file'), json: uploadSchema },
    },
    problems: { ...BODY, 413: ['body_too_large', 'file_too_large', 'fields_too_large'], ...SERVICES },
  },
  'GET /files': {
    operationId: 'listFiles',
    summary: "Lists the caller's prompt files, newest first",
    parameters: [
      LIMIT,
      CURSOR,
      inQuery('status', 'Files with this status.', { type: 'string', enum: FILE_STATUSES }),
      SINCE,
      UNTIL,
    ],
    answers: { 200: { description: 'A page.', json: fileListSchema } },
    problems: { 400: ['invalid_input'], ...SERVICES },
  },
  'POST /files/estimate': {
    operationId: 'estimateFile',
    summary: 'Estimates what a prompt file would take',
    description:
      "Of a file of the caller's (file_id), of one in the bucket (key), or of a text (filename and content). Generates nothing and stores nothing. Lines whose result an earlier file has are told apart. Of a file that takes longer than ten seconds to read it reads the beginning and has `complete: false`.",
    body: ESTIMATE_REQUEST,
    answers: { 200: { description: 'The estimate.', json: fileEstimateSchema } },
    problems: {
      ...BODY,
      ...NO_FILE,
      409: ['conflict'],
      413: ['body_too_large', 'fields_too_large'],
      ...SERVICES,
    },
  },
  'GET /files/{id}': {
    operationId: 'readFile',
    summary: 'Reads a prompt file: counts, tokens, cost, time left, and URLs of its results',
    parameters: [ID, ...WAIT],
    answers: { 200: { description: 'The file.', json: fileAnswerSchema } },
    problems: { 400: ['invalid_input'], ...NO_FILE, ...SERVICES },
  },
  'DELETE /files/{id}': {
    operationId: 'stopFile',
    summary: 'Stops the lines of a prompt file that have not begun; with purge, deletes the file',
    description:
      'With `purge=true` the file can no longer be read, nothing more of it begins, and within half an hour everything of it is gone: prompts, results, runs with their outputs and vectors, and its files at the model server. Its usage stays counted. Without it: ends within a minute. Lines that had not begun have the error `cancelled`; lines under way are cancelled after 30 s. Then the results are written. A file that is being read is cancelled at once. Does nothing when the file has ended.',
    parameters: [
      ID,
      inQuery('purge', 'Whether the file is deleted with everything of it.', {
        type: 'string',
        enum: ['true', 'false'],
      }),
    ],
    answers: {
      200: { description: 'The file.', json: fileAnswerSchema },
      204: { description: 'Deleted, with `purge=true`.' },
    },
    problems: { 400: ['invalid_input'], ...NO_FILE, ...SERVICES },
  },
  'POST /files/{id}/results': {
    operationId: 'requestResults',
    summary: 'Writes the results so far',
    description:
      'They appear at downloads.partial soon after, of a .csv at downloads.partial_csv too, in the order of the lines. A file that has ended has its final results instead.',
    parameters: [ID],
    answers: { 202: { description: 'The file.', json: fileAnswerSchema } },
    problems: { ...NO_FILE, 409: ['conflict'], ...SERVICES },
  },
  'POST /files/{id}/retry': {
    operationId: 'retryFile',
    summary: 'Retries the lines of an ended prompt file that have no answer',
    description:
      'Makes a new file over the object as it is now, with results of its own: lines with an answer are reused and not paid again, failed lines and those that were changed since are generated, refused lines are read again. While a retry of the file is under way, the answer is that one.',
    parameters: [ID, idempotencyKey('retry')],
    answers: {
      202: {
        description: 'The new file.',
        headers: { ...locationOf('new file'), ...REPLAYED },
        json: fileAnswerSchema,
      },
    },
    problems: { 400: ['invalid_input'], ...NO_FILE, 409: ['conflict'], ...SERVICES },
  },
};
