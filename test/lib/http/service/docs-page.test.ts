import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { problemIn } from '../apps.ts';
import { makePages, packedText } from '../pages.ts';

const viewer = {
  script: packedText(
    'viewer.0123.js',
    'text/javascript; charset=utf-8',
    'window.SwaggerUIBundle = () => {};',
  ),
  style: packedText('viewer.4567.css', 'text/css; charset=utf-8', 'body { margin: 0 }'),
};
const makeApp = (isBinary = true) => makePages({ viewer, isBinary });
const app = makeApp();

describe('GET /docs', () => {
  test('is a page whose addresses hold below any stage, on any host', async () => {
    const response = await app.request('/docs');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const html = await response.text();
    const addresses = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
    expect(addresses).toEqual([
      'data:,',
      'docs/viewer.4567.css',
      'docs/viewer.0123.js',
      expect.stringMatching(/^docs\/start\.[0-9a-f]{16}\.js$/),
      'openapi.json',
    ]);
    expect(html).not.toMatch(/https?:|"\//);
    for (const address of addresses.slice(1, 4)) {
      const found = await app.request(`/${address}`);
      expect([address, found.status]).toEqual([address, 200]);
      expect(await found.text()).not.toMatch(/https?:/);
    }
  });

  test('loads nothing of another origin, runs no script of its own text, and stands in no frame', async () => {
    const policy = (await app.request('/docs')).headers.get('content-security-policy') ?? '';
    expect(policy.split('; ').sort()).toEqual([
      "base-uri 'none'",
      "connect-src 'self'",
      "default-src 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "img-src 'self' data:",
      "script-src 'self'",
      "style-src 'self'",
    ]);
    expect(policy).not.toContain('unsafe');
    expect(await (await app.request('/docs')).text()).not.toMatch(/<script(?![^>]*src=)|<style| style=/);
  });

  test('has an answer without a body to HEAD, and takes no other method', async () => {
    const head = await app.request('/docs', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const refused = await app.request('/docs', { method: 'POST' });
    expect(refused.headers.get('allow')).toBe('GET, HEAD');
    expect(await problemIn(refused)).toMatchObject({ code: 'method_not_allowed' });
  });
});

describe('GET /docs/{asset}', () => {
  const read = (path: string, accept?: string, from = app) =>
    from.request(path, { headers: accept === undefined ? {} : { 'accept-encoding': accept } });

  test('hands out the compressed bytes to clients that take them, for ever', async () => {
    const response = await read('/docs/viewer.4567.css', 'br, gzip');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/css; charset=utf-8',
      'content-encoding': 'gzip',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    });
    expect(gunzipSync(await response.arrayBuffer()).toString()).toBe('body { margin: 0 }');
  });

  test.each([[undefined], ['identity'], ['gzip;q=0, br']])('hands out text to others: %s', async (accept) => {
    const response = await read('/docs/viewer.4567.css', accept);
    expect(response.headers.has('content-encoding')).toBe(false);
    expect(await response.text()).toBe('body { margin: 0 }');
  });

  test('hands out text through a gateway that takes only text', async () => {
    const response = await read('/docs/viewer.4567.css', 'gzip', makeApp(false));
    expect(await response.text()).toBe('body { margin: 0 }');
  });

  test.each(['/docs/none.js', '/docs/..%2Fopenapi.json', '/docs/toString'])(
    'knows no other: %s',
    async (path) => {
      expect(await problemIn(await read(path))).toMatchObject({ status: 404, code: 'not_found' });
    },
  );
});
