import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { problemIn } from '../apps.ts';
import { makePages, OBJECT_STORE, packedText } from '../pages.ts';

const app = makePages();
const read = (path: string, headers: Record<string, string> = {}, from = app) =>
  from.request(path, { headers });
/** The page as a client sees it whose URL has this before the API's paths. */
const below = async (prefix: string) => {
  const event = { path: '/', requestContext: { path: `${prefix}/` } };
  return (await app.request('/', {}, { event })).text();
};

describe('GET /', () => {
  test('is the page, which browsers ask for anew each time', async () => {
    const response = await read('/');
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    expect(await response.text()).toContain('src="./assets/index-01234567.js"');
  });

  test('runs its own scripts alone, and sends nothing but to its API and the content bucket', async () => {
    const policy = (await read('/')).headers.get('content-security-policy') ?? '';
    expect(policy.split('; ').toSorted()).toEqual([
      "base-uri 'self'",
      `connect-src 'self' ${OBJECT_STORE}`,
      "default-src 'none'",
      "font-src 'self'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "img-src 'self' data: blob:",
      "script-src 'self'",
      "style-src 'self'",
      "worker-src 'self'",
    ]);
    expect(policy).not.toContain('unsafe');
  });

  test('names the address that its own count from below a stage, and none elsewhere', async () => {
    expect(await below('')).not.toContain('<base');
    expect(await below('/prod')).toMatch(/^<!doctype html><html><head><base href="\/prod\/"><script/);
    expect(await below('/a/"><script>$&')).toContain('<base href="/a/&#34;&#62;&#60;script&#62;$&#38;/">');
  });

  test('is not sent again to a client that has it', async () => {
    const first = await read('/');
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await read('/', { 'if-none-match': known });
      expect([known, again.status, await again.text()]).toEqual([known, 304, '']);
      for (const name of ['etag', 'cache-control', 'content-security-policy'])
        expect(again.headers.get(name)).toBe(first.headers.get(name));
    }
    expect((await read('/', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  test('has another tag when the page or its address is another', async () => {
    const html = '<!doctype html><html><head></head></html>';
    const licences = packedText('licences.txt', 'text/plain', '');
    const newer = makePages({ dashboard: { html, assets: [], licences } });
    const event = { path: '/', requestContext: { path: '/prod/' } };
    const tags = [
      (await read('/')).headers.get('etag'),
      (await read('/', {}, newer)).headers.get('etag'),
      (await app.request('/', {}, { event })).headers.get('etag'),
    ];
    expect(new Set(tags).size).toBe(3);
  });

  test('has an answer without a body to HEAD, and takes no other method', async () => {
    const head = await app.request('/', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const refused = await app.request('/', { method: 'POST' });
    expect(refused.headers.get('allow')).toBe('GET, HEAD');
    expect(await problemIn(refused)).toMatchObject({ code: 'method_not_allowed' });
  });
});

describe('GET /assets/{asset}', () => {
  test('hands out an asset for ever, compressed to clients that take it', async () => {
    const response = await read('/assets/index-01234567.js', { 'accept-encoding': 'gzip, br' });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'content-encoding': 'gzip',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    expect(gunzipSync(await response.arrayBuffer()).toString()).toBe('start();');
    expect(await (await read('/assets/index-01234567.js')).text()).toBe('start();');
  });

  test('hands out the licences, whose name has no hash, as they are now', async () => {
    const response = await read('/assets/licences.txt');
    expect([response.headers.get('cache-control'), await response.text()]).toEqual(['no-cache', 'MIT']);
  });

  test.each(['/assets/index-76543210.js', '/assets/toString', '/assets/..%2Findex.html'])(
    'says how to go on when there is no such asset any more: %s',
    async (path) => {
      const problem = await problemIn(await read(path));
      expect(problem).toMatchObject({ status: 404, code: 'not_found' });
      expect(problem.detail).toContain('load the page at / again');
    },
  );
});
