import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openapiDocument } from '../../../../lib/http/openapi/document.ts';
import { ROUTES } from '../../../../lib/http/routes.ts';

const plain = JSON.parse(JSON.stringify(openapiDocument()));
type Operation = {
  operationId: string;
  parameters: { name: string; in: string }[];
  responses: Record<string, { description: string; content?: Record<string, unknown> }>;
};
const operations: [string, Operation][] = ROUTES.map(({ method, path }) => [
  `${method} ${path}`,
  plain.paths[path][method.toLowerCase()],
]);

const everything = (value: unknown): object[] =>
  typeof value === 'object' && value !== null ? [value, ...Object.values(value).flatMap(everything)] : [];

describe('openapi.json', () => {
  test('is up to date with the code; npm run openapi rewrites it', () => {
    const committed = JSON.parse(
      readFileSync(new URL('../../../../docs/openapi.json', import.meta.url), 'utf8'),
    );
    expect(committed).toEqual(plain);
  });

  test('has every route, with answers, unique names and nothing else', () => {
    const documented = Object.entries<object>(plain.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(documented.sort()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).sort());
    expect(new Set(operations.map(([, { operationId }]) => operationId)).size).toBe(ROUTES.length);
    for (const [, { responses }] of operations) expect(Object.keys(responses)[0]).toMatch(/^2/);
  });

  test('describes each parameter of each path', () => {
    for (const [route, { parameters }] of operations) {
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
      expect(inPath).toEqual(route.match(/\{\w+\}/g) ?? []);
    }
  });

  test('has only references that resolve', () => {
    const references = everything(plain).flatMap((value) => ('$ref' in value ? [String(value.$ref)] : []));
    expect(references.length).toBeGreaterThan(30);
    for (const reference of new Set(references)) {
      expect(plain.components.schemas).toHaveProperty(reference.replace('#/components/schemas/', ''));
    }
  });

  test('leaves answers open for future fields, and adds only descriptions beside a reference', () => {
    const { RunRequest, ComparisonRequest, SearchRequest, ChatCompletionRequest, ...others } =
      plain.components.schemas;
    const {
      FileRequest,
      FileEstimateRequest,
      ExportRequest,
      EmbeddingsRequest,
      CompletionRequest,
      ResponseRequest,
      OpenAIBatchRequest,
      OpenAIFileForm,
      ...answers
    } = others;
    const ofFiles = [FileRequest, FileEstimateRequest, OpenAIBatchRequest, OpenAIFileForm];
    const ofModels = [
      RunRequest,
      ComparisonRequest,
      ChatCompletionRequest,
      CompletionRequest,
      ResponseRequest,
    ];
    const requests = [...ofModels, SearchRequest, EmbeddingsRequest, ExportRequest, ...ofFiles];
    expect(requests.map(({ additionalProperties }) => additionalProperties)).toEqual(Array(12).fill(false));
    for (const schema of everything(answers)) {
      if ('additionalProperties' in schema) expect(schema.additionalProperties).not.toBe(false);
      if ('$ref' in schema)
        expect(Object.keys(schema).filter((key) => key !== '$ref' && key !== 'description')).toEqual([]);
    }
  });

  test('lists each problem code under its status', () => {
    const listed: Record<string, { status: number }> = plain['x-problem-codes'];
    const named = operations.flatMap(([, { responses }]) =>
      Object.entries(responses)
        .filter(([, { content }]) => content && 'application/problem+json' in content)
        .flatMap(([status, { description }]) =>
          description.split(', ').map((code) => ({ code, status: Number(status) })),
        ),
    );
    for (const { code, status } of named) {
      // A failed run is a 502 even when the fault is in our own configuration.
      const expected = code === 'configuration' && status === 502 ? 502 : listed[code]?.status;
      expect({ code, status }).toEqual({ code, status: expected });
    }
  });

  test("refuses in OpenAI's shape on OpenAI's paths, and by problems everywhere else", () => {
    for (const [route, { responses }] of operations) {
      const isOpenAI = route.includes(' /v1/');
      const shapes = Object.entries(responses)
        .filter(([status]) => Number(status) >= 400 && !(route === 'GET /health' && status === '503'))
        .map(([, { content }]) => JSON.stringify(content));
      const schema = { $ref: `#/components/schemas/${isOpenAI ? 'OpenAIError' : 'Problem'}` };
      const type = isOpenAI ? 'application/json' : 'application/problem+json';
      expect(new Set(shapes)).toEqual(new Set([JSON.stringify({ [type]: { schema } })]));
    }
  });

  test('allows null for optional fields of a request, and nowhere else', () => {
    const { properties } = plain.components.schemas.RunRequest;
    expect(properties.top_k.anyOf).toContainEqual({ type: 'null' });
    expect(properties.settings.anyOf[0].items.properties.label).toMatchObject({ type: 'string' });
    expect(plain.components.schemas.SearchRequest.properties.query).toMatchObject({ type: 'string' });
  });

  test('describes every field of a request', () => {
    const { RunRequest, ComparisonRequest, SearchRequest, ChatCompletionRequest } = plain.components.schemas;
    for (const schema of [RunRequest, ComparisonRequest, SearchRequest, ChatCompletionRequest]) {
      for (const [name, property] of Object.entries<object>(schema.properties)) {
        expect({ name, described: 'description' in property }).toEqual({ name, described: true });
      }
    }
  });
});
