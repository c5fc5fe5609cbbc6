import { describe, expect, test } from 'vitest';
import { healthSchema } from '../../../../lib/http/service/openapi.ts';
import { makeApi } from '../apps.ts';

describe('the routes of the service itself', () => {
  test('answer 503 when a part is down', async () => {
    const health = async () => ({
      status: 'down' as const,
      checks: { dynamodb: 'ok' as const, pinecone: 'down' as const },
    });
    const response = await makeApi({ health }).app.request('/health');
    expect(response.status).toBe(503);
    expect(healthSchema.parse(await response.json())).toEqual(await health());
  });

  test('serve openapi.json with the stage as its server', async () => {
    const event = { path: '/openapi.json', requestContext: { path: '/dev/openapi.json' } };
    const document = await (await makeApi().app.request('/openapi.json', {}, { event })).json();
    expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: '/dev' }] });
  });
});
