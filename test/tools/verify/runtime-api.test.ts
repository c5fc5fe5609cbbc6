import { request } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { InitError, textOf } from '../../../tools/verify/runtime/outcome.ts';
import { type RuntimeApi, startRuntimeApi } from '../../../tools/verify/runtime/runtime-api.ts';

const base = '/2018-06-01/runtime';
const arn = 'arn:aws:lambda:us-east-1:000000000000:function:f';

const asked: string[] = [];
let api: RuntimeApi | undefined;
const open = async () => {
  api = await startRuntimeApi({ onIdle: () => asked.push('idle'), onWake: () => asked.push('wake') });
  return api;
};
const at = (path: string) => `http://${api?.address}${base}${path}`;
const next = () => fetch(at('/invocation/next'));
const post = (path: string, body: string) => fetch(at(path), { method: 'POST', body });

/** A streamed answer as a runtime sends it: in pieces, with the trailers of an error if there is one. */
const stream = (id: string, pieces: string[], trailers: Record<string, string> = {}) =>
  new Promise<void>((resolve, reject) => {
    const headers = {
      'Lambda-Runtime-Function-Response-Mode': 'streaming',
      'content-type': 'text/plain',
      trailer: Object.keys(trailers).join(', '),
    };
    const sent = request(at(`/invocation/${id}/response`), { method: 'POST', headers }, (response) => {
      response.resume().on('end', resolve);
    });
    sent.on('error', reject);
    for (const piece of pieces) sent.write(piece);
    sent.addTrailers(trailers);
    sent.end();
  });

afterEach(async () => {
  asked.length = 0;
  await api?.close();
});

describe('the Runtime API', () => {
  test('delivers an event with the headers that a runtime needs, and accepts the answer', async () => {
    const { invoke } = await open();
    const first = next();
    const outcome = invoke({ event: '{"a":1}', arn, timeoutMs: 5_000, requestId: 'r-1', traceId: 'Root=1' });
    const given = await first;
    expect(await given.json()).toEqual({ a: 1 });
    expect(given.headers.get('lambda-runtime-aws-request-id')).toBe('r-1');
    expect(given.headers.get('lambda-runtime-invoked-function-arn')).toBe(arn);
    expect(given.headers.get('lambda-runtime-trace-id')).toBe('Root=1');
    expect(Number(given.headers.get('lambda-runtime-deadline-ms'))).toBeGreaterThan(Date.now());
    expect((await post('/invocation/r-1/response', '"done"')).status).toBe(202);
    void next().catch(() => {});
    const { streamed, error, ...rest } = await outcome;
    expect([streamed, error, textOf({ streamed, error, ...rest })]).toEqual([false, undefined, '"done"']);
  });

  test('counts a function as free only when its runtime requests the next event', async () => {
    const { invoke } = await open();
    const first = next();
    let isFree = false;
    const answered = Promise.withResolvers<void>();
    const free = invoke({
      ...{ event: '{}', arn, timeoutMs: 5_000, requestId: 'r-1' },
      onAnswered: () => answered.resolve(),
    }).then(() => {
      isFree = true;
    });
    await first;
    await post('/invocation/r-1/response', 'null');
    await answered.promise;
    expect(isFree).toBe(false);
    expect(asked).toEqual(['idle', 'wake']);
    void next().catch(() => {});
    await free;
    expect(asked).toEqual(['idle', 'wake', 'idle']);
  });

  test('passes a streamed answer on chunk by chunk, and reads the error in its trailers', async () => {
    const { invoke } = await open();
    const first = next();
    const pieces: string[] = [];
    const outcome = invoke({
      ...{ event: '{}', arn, timeoutMs: 5_000, requestId: 'r-1' },
      onArrival: ({ bytes }) => void pieces.push(bytes.toString()),
    });
    await first;
    const error = { errorType: 'RangeError', errorMessage: 'midway' };
    await stream('r-1', ['one', 'two'], {
      'Lambda-Runtime-Function-Error-Type': 'RangeError',
      'Lambda-Runtime-Function-Error-Body': Buffer.from(JSON.stringify(error)).toString('base64'),
    });
    void next().catch(() => {});
    expect(await outcome).toMatchObject({ streamed: true, contentType: 'text/plain', error });
    expect(pieces.join('')).toBe('onetwo');
  });

  test('accepts an error instead of an answer', async () => {
    const { invoke } = await open();
    const first = next();
    const outcome = invoke({ event: '{}', arn, timeoutMs: 5_000, requestId: 'r-1' });
    await first;
    const error = { errorType: 'TypeError', errorMessage: 'at once' };
    await post('/invocation/r-1/error', JSON.stringify({ ...error, trace: [] }));
    void next().catch(() => {});
    expect((await outcome).error).toEqual(error);
  });

  test('refuses an answer to another event, and one that is larger than Lambda allows', async () => {
    const { invoke } = await open();
    const first = next();
    const outcome = invoke({ event: '{}', arn, timeoutMs: 5_000, requestId: 'r-1' });
    await first;
    expect((await post('/invocation/r-2/response', '1')).status).toBe(400);
    expect((await post('/invocation/r-1/response', 'x'.repeat(6_291_557))).status).toBe(413);
    void next().catch(() => {});
    expect((await outcome).error?.errorType).toBe('Function.ResponseSizeTooLarge');
  });

  test('reports an initialisation error by its own name and message', async () => {
    const { initialised } = await open();
    const error = { errorType: 'ConfigurationError', errorMessage: 'TABLE_NAME is required' };
    await post('/init/error', JSON.stringify(error));
    const reason = await initialised.catch((thrown: unknown) => thrown);
    expect(reason).toBeInstanceOf(InitError);
    expect(reason).toMatchObject({ name: error.errorType, message: error.errorMessage });
  });

  test('fails the invocation under way when the process has ended, and every later one', async () => {
    const { invoke, ended } = await open();
    const first = next();
    const invocation = { event: '{}', arn, timeoutMs: 5_000 };
    const outcome = invoke(invocation);
    await first;
    ended(new Error('it ended'));
    await expect(outcome).rejects.toThrow('it ended');
    await expect(invoke(invocation)).rejects.toThrow('it ended');
  });

  test('does not treat a runtime that asks again without an answer as having answered', async () => {
    const { invoke } = await open();
    const first = next();
    const outcome = invoke({ event: '{}', arn, timeoutMs: 5_000 });
    await first;
    void next().catch(() => {});
    await expect(outcome).rejects.toThrow('without an answer');
  });
});
