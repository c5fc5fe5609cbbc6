import { afterEach, describe, expect, test } from 'vitest';
import { ApiError, ConnectionError, createClient, TimeoutError } from '../../client/index.ts';
import type { ClientOptions } from '../../client/transport.ts';
import { runView } from '../fixtures/run-view.ts';
import { problem, type Scripted, startScripted } from './scripted-server.ts';

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

const scripted = async (answers: Scripted[], options: Partial<ClientOptions> = {}) => {
  const server = await startScripted(...answers);
  open.push(server.close);
  return { ...server, client: createClient({ baseUrl: server.baseUrl, ...options }) };
};
const refusal = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => expect.fail('it was not refused'),
    (error: unknown) => error,
  );

const NOW = { 'retry-after': '0' };
const created = { status: 201, body: runView() };
const prompt = { prompt: 'Explain vector databases.' };

describe('a call', () => {
  test('sends the key, the body and an Idempotency-Key of its own', async () => {
    const { client, seen } = await scripted([created], { apiKey: 'secret' });
    await client.runs.create({ ...prompt, max_tokens: 5 });
    await client.runs.create(prompt, { idempotencyKey: 'mine' });
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/runs',
      headers: { authorization: 'Bearer secret' },
    });
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ ...prompt, max_tokens: 5 });
    expect(seen[0]?.headers['idempotency-key']).toMatch(/^[0-9a-f]{32}$/);
    expect(seen[1]?.headers['idempotency-key']).toBe('mine');
  });

  test('keeps the stage of the address, and leaves out parameters without a value', async () => {
    const server = await scripted([{ status: 200, body: { data: [], next_cursor: null } }]);
    const client = createClient({ baseUrl: `${server.baseUrl}/dev/` });
    await client.runs.list({ limit: 5, 'metadata.team': 'a&b' });
    await client.runs.get('a/b').catch(() => {});
    expect(server.seen.map(({ url }) => url)).toEqual([
      '/dev/runs?limit=5&metadata.team=a%26b',
      '/dev/runs/a%2Fb',
    ]);
  });

  test.each([502, 503, 504])('is sent again with the same Idempotency-Key after %i', async (status) => {
    const { client, seen } = await scripted([problem(status, 'gateway_failed', {}, NOW), 'drop', created]);
    expect(await client.runs.create(prompt)).toMatchObject({ id: runView().id });
    const keys = seen.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual([keys[0], keys[0], keys[0]]);
  });

  test('is not sent again when twice would be more than once, except after a refusal', async () => {
    const announced = { filename: 'a.txt' };
    for (const answer of [problem(502, 'gateway_failed', {}, NOW), 'drop'] as const) {
      const { client, seen } = await scripted([answer]);
      await refusal(client.files.upload('x', announced));
      expect(seen).toHaveLength(1);
    }
    const { client, seen } = await scripted([
      problem(429, 'too_many_requests', {}, NOW),
      problem(400, 'invalid_input'),
    ]);
    expect(await refusal(client.files.upload('x', announced))).toMatchObject({ code: 'invalid_input' });
    expect(seen).toHaveLength(2);
  });

  test('is not sent again when its run failed, since the same key gives the same answer', async () => {
    const run = { ...runView(), status: 'failed' };
    const { client, seen } = await scripted([problem(429, 'rate_limited', { run }, NOW)]);
    expect(await refusal(client.runs.create(prompt))).toMatchObject({
      code: 'rate_limited',
      run: { id: run.id },
    });
    expect(seen).toHaveLength(1);
  });

  test('gives up after its retries', async () => {
    const { client, seen } = await scripted([problem(503, 'internal', {}, NOW)], { maxRetries: 2 });
    await refusal(client.models());
    expect(seen).toHaveLength(3);
    await refusal(client.models({ maxRetries: 0 }));
    expect(seen).toHaveLength(4);
  });

  test('does not begin a wait that its time does not cover', async () => {
    const { client, seen } = await scripted([problem(429, 'over_budget', {}, { 'retry-after': '3600' })]);
    expect(await refusal(client.runs.create(prompt))).toMatchObject({
      code: 'over_budget',
      retryAfterMs: 3_600_000,
    });
    expect(seen).toHaveLength(1);
  });

  test('whose run another request generates waits for it, however often it is told to', async () => {
    const running = problem(409, 'run_in_progress', {}, NOW);
    const { client, seen } = await scripted([running, running, running, running, running, created], {
      maxRetries: 1,
    });
    expect(await client.runs.create(prompt)).toMatchObject({ id: runView().id });
    expect(seen).toHaveLength(6);
  });

  test('that the API leaves to go on waits for the run, and asks again with the same key', async () => {
    const begun = { ...runView(), status: 'generating' };
    const { client, seen } = await scripted([
      { status: 202, body: begun },
      { status: 200, body: { ...begun, status: 'generated' } },
      problem(502, 'incomplete_output', { run: { ...begun, status: 'failed' } }),
    ]);
    expect(await refusal(client.runs.create(prompt))).toMatchObject({ code: 'incomplete_output' });
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /runs',
      `GET /runs/${begun.id}`,
      'POST /runs',
    ]);
    expect(seen[2]?.headers['idempotency-key']).toBe(seen[0]?.headers['idempotency-key']);
  });

  test('waits by asking again and again where the API holds no answer back', async () => {
    const refusedWait = problem(400, 'invalid_input', {
      errors: [{ path: 'wait', message: 'is not served' }],
    });
    const generating = { status: 200, body: { ...runView(), status: 'generating' } };
    const { client, seen } = await scripted([
      generating,
      refusedWait,
      generating,
      { status: 200, body: { ...runView(), status: 'generated' } },
    ]);
    expect(await client.runs.wait('run_0')).toMatchObject({ status: 'generated' });
    expect(seen.map(({ url }) => url)).toEqual(
      ['', '?wait=20', '', ''].map((query) => `/runs/run_0${query}`),
    );
  });

  test('ends with a TimeoutError when its time is over, also while it waits for a run', async () => {
    const hanging = await scripted(['hang']);
    expect(await refusal(hanging.client.models({ timeoutMs: 50 }))).toBeInstanceOf(TimeoutError);
    const { client } = await scripted([{ status: 200, body: { ...runView(), status: 'queued' } }]);
    expect(await refusal(client.runs.wait('run_0', { timeoutMs: 300 }))).toBeInstanceOf(TimeoutError);
  });

  test('has as much time as it was given, also more than a timer takes', async () => {
    const { client, seen } = await scripted(['drop', created]);
    const month = 31 * 24 * 3_600_000;
    expect(await client.runs.create(prompt, { timeoutMs: month })).toMatchObject({ id: created.body.id });
    expect(seen).toHaveLength(2);
  });

  test('answered with a page is not sent again, and says so', async () => {
    const page = { status: 200, headers: { 'content-type': 'text/html' }, body: '<!doctype html>' };
    const { client, seen } = await scripted([page]);
    const error = await refusal(client.models());
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 200,
      code: 'not_json',
      detail: expect.stringContaining('text/html'),
    });
    expect(seen).toHaveLength(1);
  });

  test('answered with half of one is sent again', async () => {
    const { client, seen } = await scripted([
      { status: 200, body: '{"data":[' },
      { status: 200, body: {} },
    ]);
    expect(await client.models()).toEqual({});
    expect(seen).toHaveLength(2);
  });

  test('throws the reason of its signal', async () => {
    const { client } = await scripted(['hang']);
    const aborter = new AbortController();
    const call = refusal(client.models({ signal: aborter.signal }));
    aborter.abort(new Error('enough'));
    expect(await call).toEqual(new Error('enough'));
    expect(await refusal(client.models({ signal: AbortSignal.abort() }))).toHaveProperty(
      'name',
      'AbortError',
    );
  });

  test('without any answer ends with a ConnectionError that has the cause', async () => {
    const { baseUrl, close } = await startScripted('drop');
    close();
    const error = await refusal(createClient({ baseUrl, maxRetries: 0 }).models());
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toHaveProperty('message', expect.stringContaining('ECONNREFUSED'));
  });
});

describe('a refusal', () => {
  test('is an ApiError with everything that the problem says', async () => {
    const errors = [{ path: 'top_p', message: 'must be at most 1' }];
    const { client } = await scripted([
      problem(400, 'invalid_input', { errors }, { 'x-amzn-requestid': 'abc' }),
    ]);
    const error = await refusal(client.runs.create(prompt));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      name: 'ApiError',
      message: '400 invalid_input: not now',
      status: 400,
      code: 'invalid_input',
      title: 'No',
      detail: 'not now',
      errors,
      run: undefined,
      requestId: 'abc',
    });
  });

  test('keeps the field errors that have a path and a message, and no others', async () => {
    const errors = [null, 5, { path: 1, message: 'x' }, { path: 'top_p', message: 'must be at most 1' }];
    const { client } = await scripted([problem(400, 'invalid_input', { errors })]);
    expect(await refusal(client.models())).toHaveProperty('errors', errors.slice(-1));
  });

  test("keeps the first words of a proxy's page", async () => {
    const page = { status: 403, headers: { 'content-type': 'text/html' }, body: '<h1>Blocked</h1>' };
    const { client } = await scripted([page]);
    expect(await refusal(client.models())).toMatchObject({
      status: 403,
      code: 'http_403',
      detail: '<h1>Blocked</h1>',
    });
  });

  test('keeps the words of a gateway, and leaves out fields of other types', async () => {
    const answerOf = async (body: unknown) => {
      const { client } = await scripted([{ status: 403, body }]);
      return (await refusal(client.models())) as ApiError;
    };
    expect((await answerOf({ message: 'Missing Authentication Token' })).message).toBe(
      '403 http_403: Missing Authentication Token',
    );
    const odd = await answerOf({ code: 5, title: [], detail: {}, errors: 'none', run: 'run_1' });
    expect(odd).toMatchObject({ message: '403 http_403: The request failed', errors: [], run: undefined });
    expect((await answerOf('null')).message).toBe('403 http_403: The request failed');
  });
});
