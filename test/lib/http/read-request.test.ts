import { describe, expect, test } from 'vitest';
import { runView } from '../../fixtures/run-view.ts';
import { endsAs, makeGenerate, post, problemIn } from './apps.ts';

describe('the body of a request', () => {
  const refusals: [string, RequestInit, number, string][] = [
    ['an empty body', post(''), 400, 'empty_body'],
    [
      'no body at all',
      { method: 'POST', headers: { 'content-type': 'application/json' } },
      400,
      'empty_body',
    ],
    ['invalid JSON', post('{"prompt":'), 400, 'invalid_json'],
    ['invalid UTF-8', { ...post(), body: new Uint8Array([0x22, 0xff, 0x22]) }, 400, 'invalid_json'],
    ['JSON nested too deep', post('['.repeat(100_000)), 400, 'invalid_json'],
    [
      'another content type',
      post('prompt=x', { 'content-type': 'text/plain' }),
      415,
      'unsupported_media_type',
    ],
    [
      'another charset',
      post(undefined, { 'content-type': 'application/json; charset=latin1' }),
      415,
      'unsupported_media_type',
    ],
    ['a body over 1 MiB', post(JSON.stringify({ prompt: 'x'.repeat(1024 * 1024) })), 413, 'body_too_large'],
    ['a length over 1 MiB', post('{}', { 'content-length': '1048577' }), 413, 'body_too_large'],
  ];

  test.each(refusals)('is refused: %s', async (_name, init, status, code) => {
    const { app, seen } = makeGenerate(endsAs(runView()));
    const response = await app.request('/runs', init);
    expect(response.status).toBe(status);
    expect(await problemIn(response)).toMatchObject({ code, status });
    expect(seen).toEqual([]);
  });

  test('may have exactly 1 MiB, and a byte order mark', async () => {
    const { app, seen } = makeGenerate(endsAs(runView()));
    const frame = JSON.stringify({ prompt: '' }).length;
    const body = JSON.stringify({ prompt: 'x'.repeat(1024 * 1024 - frame) });
    expect(Buffer.byteLength(body)).toBe(1024 * 1024);
    expect((await app.request('/runs', post(body))).status).toBe(201);
    expect((await app.request('/runs', post('\uFEFF{"prompt":"x"}'))).status).toBe(201);
    expect(seen).toHaveLength(2);
  });

  test('has no depth from brackets within strings', async () => {
    const { app } = makeGenerate(endsAs(runView()));
    expect((await app.request('/runs', post({ prompt: `\\"${'['.repeat(100)}` }))).status).toBe(201);
  });

  test('is counted while it is read when it does not declare its length', async () => {
    const { app } = makeGenerate(endsAs(runView()));
    let pulled = 0;
    const endless = new ReadableStream({
      pull: (controller) => {
        pulled++;
        controller.enqueue(new Uint8Array(64 * 1024).fill(0x20));
      },
    });
    const init = { ...post(), body: endless, duplex: 'half' as const };
    expect((await app.request('/runs', init)).status).toBe(413);
    expect(pulled).toBeLessThan(30);
  });
});
