import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { makeStreamingHandler } from '../../../../lib/adapters/lambda/stream.ts';
import type { HttpEnv } from '../../../../lib/http/base-app.ts';
import { deferred, memoryLog } from '../../../fixtures/http.ts';
import { restEvent } from '../../../fixtures/rest-event.ts';
import { makeStreamRuntime, splitPrelude } from '../../../fixtures/stream-runtime.ts';

const serve = (app: Hono<HttpEnv>) => {
  const { runtime, invoke } = makeStreamRuntime();
  const log = memoryLog();
  makeStreamingHandler(app, { log }, runtime);
  const { out, done } = invoke(restEvent());
  return { out, done, log };
};

const readAll = async (out: AsyncIterable<Buffer>): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of out) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** Whether a promise is still pending after everything that was ready has run. */
const isPending = async (promise: Promise<unknown>): Promise<boolean> => {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  promise.then(settle, settle);
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  return !settled;
};

describe('makeStreamingHandler', () => {
  test('sends status and headers, then the body', async () => {
    const { out, done } = serve(
      new Hono<HttpEnv>().post('/runs', async (c) => c.json(await c.req.json(), 201, { location: '/x' })),
    );
    const { statusCode, headers, body } = splitPrelude(await readAll(out));
    await done;
    expect(statusCode).toBe(201);
    expect(headers).toMatchObject({ 'content-type': 'application/json', location: '/x' });
    expect(body).toBe('{"prompt":"Explain neural nets."}');
  });

  test('sends status and headers of a response without a body', async () => {
    const { out, done } = serve(new Hono<HttpEnv>().post('/runs', (c) => c.body(null, 204)));
    expect(splitPrelude(await readAll(out))).toMatchObject({ statusCode: 204, body: '' });
    await done;
  });

  test('sends status and headers before the first chunk of the body, and each chunk as it comes', async () => {
    const pieces = [deferred<string>(), deferred<string>()];
    const body = ReadableStream.from(
      (async function* () {
        for (const { promise } of pieces) yield Buffer.from(await promise);
      })(),
    );
    const { out, done } = serve(new Hono<HttpEnv>().post('/runs', () => new Response(body)));
    const read = out[Symbol.asyncIterator]();
    let text = '';
    const readUntil = async (part: string) => {
      while (!text.includes(part)) text += (await read.next()).value;
    };
    await readUntil('"statusCode":200');
    pieces[0]?.resolve('first');
    await readUntil('first');
    expect(await isPending(done)).toBe(true);
    pieces[1]?.resolve('second');
    await readUntil('second');
    await read.next();
    await done;
  });

  test('ends only when every promise given to waitUntil has settled, even after the body is sent', async () => {
    const run = deferred<void>();
    const later = deferred<void>();
    const app = new Hono<HttpEnv>().post('/runs', (c) => {
      c.env.waitUntil?.(run.promise.then(() => c.env.waitUntil?.(later.promise)));
      return c.text('accepted', 202);
    });
    const { out, done } = serve(app);
    expect(splitPrelude(await readAll(out)).body).toBe('accepted');
    expect(await isPending(done)).toBe(true);
    run.resolve();
    expect(await isPending(done)).toBe(true);
    later.resolve();
    await done;
  });

  test('cancels the body when the client disconnects, and still waits for the run', async () => {
    const run = deferred<void>();
    const cancelled = deferred<string>();
    const body = new ReadableStream({ cancel: () => cancelled.resolve('cancelled') });
    const app = new Hono<HttpEnv>().post('/runs', (c) => {
      c.env.waitUntil?.(run.promise);
      return new Response(body);
    });
    const { out, done } = serve(app);
    out.resume();
    expect(await isPending(done)).toBe(true);
    out.destroy(new Error('the connection was reset'));
    expect(await cancelled.promise).toBe('cancelled');
    expect(await isPending(done)).toBe(true);
    run.resolve();
    await done;
  });

  test('ends when the client disconnects while it reads nothing', async () => {
    let pulled = 0;
    const stalled = new Promise<void>(() => {});
    const body = new ReadableStream({
      pull: (controller) => (++pulled > 64 ? stalled : controller.enqueue(new Uint8Array(4096))),
    });
    const { out, done } = serve(new Hono<HttpEnv>().post('/runs', () => new Response(body)));
    expect(await isPending(done)).toBe(true);
    expect(pulled).toBeLessThan(10);
    out.destroy();
    await done;
  });

  test('reads a body only as fast as the client does', async () => {
    let pulled = 0;
    const body = new ReadableStream({
      pull: (controller) => {
        controller.enqueue(new Uint8Array(1024).fill(0x61));
        if (++pulled === 100) controller.close();
      },
    });
    const { out, done } = serve(new Hono<HttpEnv>().post('/runs', () => new Response(body)));
    expect(await isPending(done)).toBe(true);
    expect(pulled).toBeLessThan(10);
    expect(splitPrelude(await readAll(out)).body).toHaveLength(100 * 1024);
    await done;
  });

  test('answers an unexpected error of the app with a problem that does not reveal it', async () => {
    const app = new Hono<HttpEnv>().onError((error) => {
      throw error;
    });
    app.post('/runs', () => {
      throw new Error('inner detail');
    });
    const { out, done, log } = serve(app);
    const { statusCode, headers, body } = splitPrelude(await readAll(out));
    await done;
    expect([statusCode, headers['content-type'], JSON.parse(body).code]).toEqual([
      500,
      'application/problem+json',
      'internal',
    ]);
    expect(body).not.toContain('inner detail');
    expect(log.lines).toMatchObject([
      { event: 'http.failed', error: expect.stringContaining('inner detail') },
    ]);
  });

  test('reports a body that fails to the runtime, after the promises given to waitUntil', async () => {
    const run = deferred<void>();
    const app = new Hono<HttpEnv>().post('/runs', (c) => {
      c.env.waitUntil?.(run.promise);
      return new Response(new ReadableStream({ pull: () => Promise.reject(new Error('broken body')) }));
    });
    const { out, done, log } = serve(app);
    out.resume();
    expect(await isPending(done)).toBe(true);
    run.resolve();
    await expect(done).rejects.toThrow('broken body');
    expect(log.lines).toMatchObject([{ event: 'http.stream_failed', run_id: undefined }]);
  });
});
