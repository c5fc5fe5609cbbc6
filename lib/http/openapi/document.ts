import { COMPARISON_OPERATIONS } from '../comparisons/openapi.ts';
import { EXPORT_OPERATIONS } from '../exports/openapi.ts';
import { FILE_OPERATIONS } from '../files/openapi.ts';
import { MODEL_OPERATIONS } from '../models/openapi.ts';
import { BATCH_OPERATIONS } from '../openai/batches/openapi.ts';
import { OPENAI_OPERATIONS } from '../openai/openapi.ts';
import { RESPONSE_OPERATIONS } from '../openai/responses/openapi.ts';
import { OPERATOR_OPERATIONS } from '../operator/openapi.ts';
import { PROBLEM_CODES } from '../problem.ts';
import { nameOf, ROUTES, type RouteName } from '../routes.ts';
import { RUN_OPERATIONS } from '../runs/openapi.ts';
import { SEARCH_OPERATIONS } from '../search/openapi.ts';
import { SERVICE_OPERATIONS } from '../service/openapi.ts';
import { USAGE_OPERATIONS } from '../usage/openapi.ts';
import { ANSWER_EXAMPLES, REQUEST_EXAMPLES } from './examples.ts';
import { type Operation, operationOf } from './operation.ts';
import { answerSchemas, type Json } from './schema.ts';

/** The operation of each route; a route without one does not compile. */
export const OPERATIONS: Record<RouteName, Operation> = {
  ...RUN_OPERATIONS,
  ...MODEL_OPERATIONS,
  ...SEARCH_OPERATIONS,
  ...COMPARISON_OPERATIONS,
  ...FILE_OPERATIONS,
  ...EXPORT_OPERATIONS,
  ...USAGE_OPERATIONS,
  ...OPERATOR_OPERATIONS,
  ...OPENAI_OPERATIONS,
  ...RESPONSE_OPERATIONS,
  ...BATCH_OPERATIONS,
  ...SERVICE_OPERATIONS,
};

/** The whole API as an OpenAPI 3.1 document; docs/openapi.json is its committed output. */
export const openapiDocument = (): Json => {
  const paths = new Map<string, Json>();
  for (const route of ROUTES) {
    const name = nameOf(route);
    const operation = operationOf(route, OPERATIONS[name], {
      request: REQUEST_EXAMPLES[name],
      answer: ANSWER_EXAMPLES[name],
    });
    paths.set(route.path, { ...paths.get(route.path), [route.method.toLowerCase()]: operation });
  }
  const bodies = Object.values(OPERATIONS).flatMap(({ body }) => body ?? []);
  return {
    openapi: '3.1.0',
    info: {
      title: 'everytoken',
      version: '1',
      license: { name: 'MIT', identifier: 'MIT' },
      description:
        'LLM calls through your own AWS account: every token timed, every output searchable, one result for each request.',
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { apiKey: [] }],
    paths: Object.fromEntries(paths),
    components: {
      schemas: {
        ...Object.fromEntries(bodies.map(({ name, schema }) => [name, schema])),
        ...answerSchemas(),
      },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
    },
    'x-problem-codes': PROBLEM_CODES,
  };
};
