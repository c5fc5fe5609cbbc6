import type { APIGatewayProxyResult, Context } from 'aws-lambda';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { restEvent } from '../../fixtures/rest-event.ts';
import { makeStreamRuntime, splitPrelude } from '../../fixtures/stream-runtime.ts';

const REQUIRED = ['TABLE_NAME', 'CONTENT_BUCKET', 'BUS_NAME', 'JOBS_QUEUE_URL', 'INTAKE_QUEUE_URL'];

beforeEach(() => {
  vi.resetModules();
  for (const name of REQUIRED) vi.stubEnv(name, 'any');
  vi.stubEnv('OPENAI_BASE_URL', 'http://127.0.0.1:9/v1');
  vi.stubEnv('AWS_REGION', 'us-east-1');
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

const load = async () => (await import('../../../functions/generate/http.ts')).handler;

test('with TRANSFER_MODE `BUFFERED` the function answers whole, in a runtime that cannot stream', async () => {
  vi.stubEnv('TRANSFER_MODE', 'BUFFERED');
  const handler = (await load()) as (event: unknown, context: Context) => Promise<APIGatewayProxyResult>;
  // Every request is refused: no keys are set, and there is no table to read any from.
  const { statusCode, multiValueHeaders, body } = await handler(restEvent(), {} as Context);
  expect(statusCode).toBe(401);
  expect(multiValueHeaders?.['content-type']).toEqual(['application/problem+json']);
  expect(JSON.parse(body)).toMatchObject({ code: 'unauthorized' });
});

test('without TRANSFER_MODE the function streams, with the API of Lambda’s runtime', async () => {
  const { runtime, invoke } = makeStreamRuntime();
  vi.stubGlobal('awslambda', runtime);
  await load();
  const { out, done } = invoke(restEvent());
  const chunks: Buffer[] = [];
  for await (const chunk of out) chunks.push(chunk);
  await done;
  expect(splitPrelude(Buffer.concat(chunks))).toMatchObject({ statusCode: 401 });
});
