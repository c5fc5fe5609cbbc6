import * as z from 'zod';
import type { HealthReport } from '../../operate/check-health.ts';
import type { Operations } from '../openapi/operation.ts';
import { COMPONENTS, schemaOf } from '../openapi/schema.ts';

const check = z.enum(['ok', 'down']);

export const healthSchema = schemaOf<HealthReport>()({
  status: check,
  checks: z.record(z.string(), check).describe('dynamodb, s3, sqs, events, openai, pinecone'),
}).register(COMPONENTS, { id: 'Health' });

export const SERVICE_OPERATIONS: Operations<'/health' | '/openapi.json' | '/'> = {
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
  'GET /': {
    operationId: 'home',
    summary: 'Returns an HTML page about the service',
    answers: { 200: { description: 'HTML.', text: 'text/html' } },
    problems: {},
  },
};
