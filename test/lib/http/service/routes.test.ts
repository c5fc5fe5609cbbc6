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

  test('serve a page whose policy allows nothing but its own style', async () => {
    const event = { path: '/', requestContext: { path: '/dev/' } };
    const response = await makeApi().app.request('https://api.example/', {}, { event });
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; /,
    );
    const page = await response.text();
    expect(page).toContain('href="https://api.example/dev/openapi.json"');
    expect(page).toContain('curl -N https://api.example/dev/runs');
    expect(page).not.toMatch(/<script|style="|src=/);
  });
});
