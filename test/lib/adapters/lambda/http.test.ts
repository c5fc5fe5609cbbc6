import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { makeHttpHandler, requestOf, resultOf } from '../../../../lib/adapters/lambda/http.ts';
import { type HttpBindings, type HttpEnv, pathPrefix } from '../../../../lib/http/base-app.ts';
import { lambdaContext, restEvent } from '../../../fixtures/rest-event.ts';

describe('requestOf', () => {
  test('turns a REST event into a standard request, at the path without the stage', async () => {
    const request = requestOf(restEvent());
    expect(request.method).toBe('POST');
    expect(request.url).toBe('https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/runs');
    expect(request.headers.get('content-type')).toBe('application/json');
    expect(await request.text()).toBe('{"prompt":"Explain neural nets."}');
  });

  test('decodes base64 bodies to their bytes', async () => {
    const bytes = Buffer.from([0x7b, 0xff, 0x00, 0x7d]);
    const request = requestOf(restEvent({ body: bytes.toString('base64'), isBase64Encoded: true }));
    expect(Buffer.from(await request.arrayBuffer())).toEqual(bytes);
  });

  test('keeps text bodies in UTF-8', async () => {
    expect(await requestOf(restEvent({ body: '{"prompt":"наука 🧠"}' })).json()).toEqual({
      prompt: 'наука 🧠',
    });
  });

  test('keeps every value of a header and of a query parameter, encoded for the URL', () => {
    const request = requestOf(
      restEvent({
        httpMethod: 'GET',
        body: null,
        multiValueHeaders: { Accept: ['text/html', 'application/json'], Host: ['x.example'] },
        queryStringParameters: { 'metadata.a b': 'last' },
        multiValueQueryStringParameters: { 'metadata.a b': ['50% & more', 'last'], label: ['Top-k 40+'] },
      }),
    );
    expect(request.headers.get('accept')).toBe('text/html, application/json');
    expect([...new URL(request.url).searchParams]).toEqual([
      ['metadata.a b', '50% & more'],
      ['metadata.a b', 'last'],
      ['label', 'Top-k 40+'],
    ]);
  });

  test('uses single values when there are no multi-value ones', () => {
    const event = restEvent({
      httpMethod: 'GET',
      headers: { Host: 'x.example', 'X-Forwarded-Proto': 'http' },
      queryStringParameters: { limit: '5' },
    });
    const request = requestOf({ ...event, ...JSON.parse('{"multiValueHeaders":null}') });
    expect(request.url).toBe('http://x.example/runs?limit=5');
  });

  test('leaves GET and HEAD without a body, whatever the event holds', () => {
    expect(requestOf(restEvent({ httpMethod: 'GET', body: '{}' })).body).toBeNull();
  });

  test('keeps a ? or # of a path in the path, and header text that is not Latin-1 as UTF-8 bytes', () => {
    const request = requestOf(
      restEvent({ path: '/runs/a?b#c', multiValueHeaders: { 'Idempotency-Key': ['ключ'] } }),
    );
    expect(new URL(request.url).pathname).toBe('/runs/a%3Fb%23c');
    expect(request.headers.get('idempotency-key')).toBe(Buffer.from('ключ').toString('latin1'));
  });
});

describe('resultOf', () => {
  test('returns text as text, with every header', async () => {
    const headers = new Headers([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['content-type', 'application/problem+json'],
    ]);
    expect(await resultOf(new Response('{"é":1}', { status: 409, headers }))).toEqual({
      statusCode: 409,
      multiValueHeaders: { 'content-type': ['application/problem+json'], 'set-cookie': ['a=1', 'b=2'] },
      body: '{"é":1}',
      isBase64Encoded: false,
    });
  });

  test('returns bytes in base64, and an empty body as none', async () => {
    const image = await resultOf(
      new Response(new Uint8Array([0, 255]), { headers: { 'content-type': 'image/png' } }),
    );
    expect(image).toMatchObject({ body: 'AP8=', isBase64Encoded: true });
    expect(await resultOf(new Response(null, { status: 204 }))).toMatchObject({
      statusCode: 204,
      body: '',
      isBase64Encoded: false,
    });
  });
});

describe('makeHttpHandler', () => {
  test('passes event, context and waitUntil to the app, and ends only when every promise given to waitUntil has settled', async () => {
    const order: string[] = [];
    const app = new Hono<HttpEnv>().post('/runs', (c) => {
      c.env.waitUntil?.(Promise.reject(new Error('no harm')));
      c.env.waitUntil?.(
        new Promise((resolve) => setImmediate(resolve)).then(() => void order.push('settled')),
      );
      return c.json({ context: c.env.lambdaContext === lambdaContext, prefix: pathPrefix(c.env) });
    });
    const result = await makeHttpHandler(app)(restEvent(), lambdaContext);
    order.push('ended');
    expect(JSON.parse(result.body)).toEqual({ context: true, prefix: '/dev' });
    expect(order).toEqual(['settled', 'ended']);
  });

  test('answers 400 to an event that no Request can represent', async () => {
    const result = await makeHttpHandler(new Hono())(restEvent({ httpMethod: 'CONNECT' }), lambdaContext);
    expect(result.statusCode).toBe(400);
    expect(JSON.parse(result.body)).toMatchObject({ code: 'invalid_input' });
  });

  test('answers 500 when an answer is larger than the gateway allows, counting escaped quotes', async () => {
    const app = new Hono().get('/runs', (c) => c.text('"'.repeat(Number(c.req.query('n')))));
    const ask = (n: string) =>
      makeHttpHandler(app)(
        restEvent({ httpMethod: 'GET', body: null, multiValueQueryStringParameters: { n: [n] } }),
        lambdaContext,
      );
    expect((await ask('2900000')).statusCode).toBe(200);
    const tooLarge = await ask('3000000');
    expect([tooLarge.statusCode, JSON.parse(tooLarge.body).code]).toEqual([500, 'response_too_large']);
  });
});

describe('pathPrefix', () => {
  const prefixOf = (path: string, outer?: string) => {
    const bindings: HttpBindings = {
      event: { path, requestContext: outer === undefined ? {} : { path: outer } },
    };
    return pathPrefix(bindings);
  };

  test.each([
    ['/runs', '/dev/runs', '/dev'],
    ['/runs', '/runs', ''],
    ['/runs', undefined, ''],
    ['/', '/dev/', '/dev'],
    ['/', '/dev', '/dev'],
    ['/', '/', ''],
    ['/runs', '/elsewhere', ''],
  ])('of %s seen as %s is "%s"', (path, outer, prefix) => expect(prefixOf(path, outer)).toBe(prefix));

  test('is empty without an event', () => expect(pathPrefix(undefined)).toBe(''));
});
