import * as z from 'zod';
import { EXPORT_FORMATS, EXPORT_STATUSES, type ExportView, exportRequestSchema } from '../../export/job.ts';
import {
  BODY,
  CURSOR,
  inPath,
  LIMIT,
  locationOf,
  type Operation,
  type Operations,
  SERVICES,
} from '../openapi/operation.ts';
import { COMPONENTS, requestSchema, schemaOf } from '../openapi/schema.ts';
import { errorSchema, instant } from '../runs/generation-schemas.ts';

const exportSchema = schemaOf<ExportView>('An export of runs into one object.')({
  id: z.string(),
  object: z.literal('export'),
  status: z.enum(EXPORT_STATUSES),
  format: z.enum(EXPORT_FORMATS),
  created_at: instant('When it was asked for; later runs are not in it.'),
  ended_at: z.iso.datetime().nullable(),
  expires_at: z.iso.datetime().nullable().describe('When its object is deleted. Null until it has ended.'),
  rows: z.int().describe('Rows written by now, as of the last part.'),
  bytes: z.int().describe('Bytes written by now, as of the last part.'),
  download: z
    .object({ url: z.string(), expires_at: z.iso.datetime() })
    .nullable()
    .describe('A URL of the object that needs no key, valid for 15 minutes. Null unless it is completed.'),
  error: errorSchema.nullable(),
}).register(COMPONENTS, { id: 'Export' });

export const exportListSchema = z
  .object({
    data: z.array(exportSchema),
    next_cursor: z.string().nullable().describe('For the next page; null on the last one.'),
  })
  .register(COMPONENTS, { id: 'ExportList' });

const REQUEST = {
  name: 'ExportRequest',
  schema: {
    ...requestSchema(exportRequestSchema, {
      format: 'The format of the object.',
      status: 'Runs with this status.',
      model: 'Runs that requested this model.',
      label: 'Runs with a setting of this label.',
      since: 'As in GET /runs.',
      until: 'As in GET /runs; by default now.',
      file: 'Runs of the prompt file with this id.',
      metadata: 'Runs with all of these metadata pairs.',
      limit: 'The most rows; by default all.',
      texts: 'Whole prompts and texts, instead of their first 120 characters.',
      metadata_columns: 'Metadata keys that get a column each.',
    }),
    description: 'The filters and bounds of GET /runs as fields. Null means absent.',
  },
};

const ID = inPath('id', "The export's id.");
const NO_EXPORT: Operation['problems'] = { 404: ['not_found'], 410: ['gone'] };

export const EXPORT_OPERATIONS: Operations<'/exports'> = {
  'POST /exports': {
    operationId: 'createExport',
    summary: 'Writes all chosen runs into one object, a row a generation',
    description:
      'For exports that take longer than GET /runs?format=… may, and for Parquet. docs/export.md describes the columns.',
    body: REQUEST,
    answers: {
      202: { description: 'The export.', headers: locationOf('export'), json: exportSchema },
    },
    problems: { ...BODY, 429: ['too_many_exports'], ...SERVICES },
  },
  'GET /exports': {
    operationId: 'listExports',
    summary: "Lists the caller's exports, newest first",
    parameters: [LIMIT, CURSOR],
    answers: { 200: { description: 'A page.', json: exportListSchema } },
    problems: { 400: ['invalid_input'], ...SERVICES },
  },
  'GET /exports/{id}': {
    operationId: 'readExport',
    summary: 'Reads an export, with the URL of its object once it is completed',
    parameters: [ID],
    answers: { 200: { description: 'The export.', json: exportSchema } },
    problems: { 400: ['invalid_input'], ...NO_EXPORT, ...SERVICES },
  },
  'DELETE /exports/{id}': {
    operationId: 'deleteExport',
    summary: 'Stops an export and deletes its object',
    parameters: [ID],
    answers: { 204: { description: 'It is stopped, and its object is deleted.' } },
    problems: { ...NO_EXPORT, ...SERVICES },
  },
};
