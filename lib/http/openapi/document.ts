import { PROBLEM_CODES } from '../problem.ts';
import { ROUTES } from '../routes.ts';
import { operationOf } from './operations.ts';
import { componentSchemas, type Json } from './schemas.ts';

/** The whole API as an OpenAPI 3.1 document; `docs/openapi.json` is this, committed. */
export const openapiDocument = (): Json => {
  const paths: Record<string, Json> = {};
  for (const route of ROUTES) {
    const methods = paths[route.path] ?? {};
    paths[route.path] = methods;
    methods[route.method.toLowerCase()] = operationOf(route);
  }
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
    paths,
    components: {
      schemas: componentSchemas(),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
    },
    'x-problem-codes': PROBLEM_CODES,
  };
};
