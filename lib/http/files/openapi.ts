import { uploadRequestSchema } from '../../files/create-upload.ts';
import { requestSchema } from '../openapi/json-schema.ts';
import type { Operations } from '../openapi/operation.ts';
import { BODY, CURSOR, inPath, LIMIT, locationOf, SERVICES } from '../openapi/parts.ts';
import { fileAnswerSchema, fileListSchema, fileSchema, uploadSchema } from './schemas.ts';

/** The meaning of each field of POST /files. */
const DESCRIPTIONS: Record<string, string> = {
  filename: 'Its extension says how it is read: .txt, .md, .json, .jsonl or .csv.',
  size_bytes:
    'Exactly so many bytes are taken. 1 MiB for .txt and .md, 16 MiB for .json, 1 GiB for .jsonl and .csv.',
  defaults:
    'Run fields for all lines (a prompt may be a template), max_cost_usd, rerun, dry_run, mode ("batch": later, at half the price); as in a .defaults.json.',
};

export const FILE_REQUESTS = { FileRequest: requestSchema(uploadRequestSchema, DESCRIPTIONS) };

export const FILE_ANSWERS = {
  File: fileAnswerSchema,
  FileSummary: fileSchema,
  FileList: fileListSchema,
  Upload: uploadSchema,
};

const ID = inPath('id', "The file's.");

export const FILE_OPERATIONS: Operations<'/files', typeof FILE_REQUESTS & typeof FILE_ANSWERS> = {
  'POST /files': {
    operationId: 'createFile',
    summary: 'Announces a prompt file and says where to upload it',
    description:
      'The answer holds a URL that takes the bytes by PUT for an hour. `defaults` are run fields for all lines, max_cost_usd, rerun, dry_run and mode.',
    body: 'FileRequest',
    answers: {
      201: { description: 'Upload it now.', headers: locationOf('file'), json: 'Upload' },
    },
    problems: { ...BODY, 413: ['body_too_large', 'file_too_large'], ...SERVICES },
  },
  'GET /files': {
    operationId: 'listFiles',
    summary: "The caller's prompt files, newest first",
    parameters: [LIMIT, CURSOR],
    answers: { 200: { description: 'A page.', json: 'FileList' } },
    problems: { 400: ['invalid_input'], ...SERVICES },
  },
  'GET /files/{id}': {
    operationId: 'readFile',
    summary: 'A prompt file as it is now: counts, tokens, cost, time left, and URLs of its results',
    parameters: [ID],
    answers: { 200: { description: 'The file.', json: 'File' } },
    problems: { 400: ['invalid_input'], 404: ['not_found'], ...SERVICES },
  },
  'DELETE /files/{id}': {
    operationId: 'stopFile',
    summary: 'Stops what has not begun of a prompt file',
    description:
      'Lines under way are finished, and the results are written: lines that had not begun have the error `cancelled`. Harmless when the file has ended.',
    parameters: [ID],
    answers: { 200: { description: 'The file.', json: 'File' } },
    problems: { 404: ['not_found'], ...SERVICES },
  },
  'POST /files/{id}/results': {
    operationId: 'requestResults',
    summary: 'Has the results written that there are so far',
    description:
      'They are at downloads.partial a little later, in the order of the lines. A file that has ended has its results.',
    parameters: [ID],
    answers: { 202: { description: 'The file.', json: 'File' } },
    problems: { 404: ['not_found'], 409: ['conflict'], ...SERVICES },
  },
};
