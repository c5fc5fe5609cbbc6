import * as z from 'zod';
import type { HealthReport } from '../../operate/check-health.ts';
import { inHeader, inPath, type Operations } from '../openapi/operation.ts';
import { COMPONENTS, schemaOf } from '../openapi/schema.ts';

const check = z.enum(['ok', 'down']);

export const healthSchema = schemaOf<HealthReport>()({
  status: check,
  checks: z.record(z.string(), check).describe('dynamodb, s3, sqs, events, openai, pinecone'),
}).register(COMPONENTS, { id: 'Health' });

export const SERVICE_OPERATIONS: Operations<'/health' | '/openapi.json' | '/docs' | '/' | '/assets/{asset}'> =
  {
    'GET /health': {
      operationId: 'health',
      summary: 'Reports whether all services respond',
      answers: {
        200: { description: 'All services respond.', json: healthSchema },
        503: { description: 'At least one service does not respond.', json: healthSchema },
      },
      problems: {},
    },
    'GET /openapi.json': {
      operationId: 'openapi',
      summary: 'Returns this document',
      answers: { 200: { description: 'OpenAPI 3.1.', json: { type: 'object' } } },
      problems: {},
    },
    'GET /docs': {
      operationId: 'docs',
      summary: 'Returns an HTML page on which this document can be read and tried',
      answers: { 200: { description: 'HTML.', text: 'text/html' } },
      problems: {},
    },
    'GET /docs/{asset}': {
      operationId: 'docsAsset',
      summary: 'Returns a script or a style of the page at /docs',
      parameters: [inPath('asset', 'Its name, with a hash of its content.')],
      answers: { 200: { description: 'JavaScript or CSS, which never changes under its name.' } },
      problems: { 404: ['not_found'] },
    },
    'GET /': {
      operationId: 'dashboard',
      summary: 'Returns the dashboard, an HTML page',
      parameters: [inHeader('if-none-match', 'The etag of the page that the client has.')],
      answers: {
        200: { description: 'HTML.', text: 'text/html' },
        304: { description: 'The page is still the one that if-none-match names.' },
      },
      problems: {},
    },
    'GET /assets/{asset}': {
      operationId: 'dashboardAsset',
      summary: 'Returns a file that the dashboard loads, or licences.txt, the licences of what it is made of',
      parameters: [inPath('asset', 'Its name, with a hash of its content unless it is licences.txt.')],
      answers: {
        200: { description: 'A script, a style, an image or a font, which never changes under its name.' },
      },
      problems: { 404: ['not_found'] },
    },
  };
