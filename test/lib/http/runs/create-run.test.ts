import { describe, expect, test } from 'vitest';
import { ConflictError, UpstreamError } from '../../../../lib/errors.ts';
import { makeAuthenticate } from '../../../../lib/http/authenticate.ts';
import { runSchema } from '../../../../lib/http/runs/schemas.ts';
import type { RunView } from '../../../../lib/runs/view.ts';
import { deferred, stillClock } from '../../../fixtures/http.ts';
import { begunRun, failedRun, runView } from '../../../fixtures/run-view.ts';
import { endsAs, makeGenerate, post, problemIn } from '../apps.ts';

describe('POST /runs, whole', () => {
  test('answers 201 with the run once it has been committed', async () => {
    const { app, seen } = makeGenerate(endsAs(runView()));
    const response = await app.request('/runs', post());
    expect(response.status).toBe(201);
    expect(runSchema.parse(await response.json())).toEqual(runView());
    expect(response.headers.get('location')).toBe('/runs/run_0');
    expect(response.headers.get('x-everytoken-run-id')).toBe('run_0');
    expect(response.headers.get('server-timing')).toMatch(/^accept;dur=[\d.]+, total;dur=[\d.]+$/);
    expect(seen).toEqual([{ body: { prompt: 'Explain neural nets.' }, options: { caller: 'local' } }]);
  });

  test.each([
    ['upstream_error', 502],
    ['model_not_found', 502],
    ['a_code_of_the_server', 502],
    ['attempts_exhausted', 502],
    ['configuration', 502],
    ['first_token_timeout', 504],
    ['idle_timeout', 504],
    ['total_timeout', 504],
    ['rate_limited', 429],
    ['insufficient_quota', 429],
    ['over_budget', 429],
    ['internal', 500],
  ])('answers a run that failed with %s as %i, with the run in the problem', async (code, status) => {
    const { app } = makeGenerate(endsAs(failedRun(code)));
    const response = await app.request('/runs', post());
    expect(response.status).toBe(status);
    const problem = await problemIn(response);
    expect(problem).toMatchObject({
      status,
      code,
      detail: `it ended with ${code}`,
      type: `urn:everytoken:problem:${code}`,
    });
    expect(problem.run).toEqual(failedRun(code));
    expect(response.headers.get('x-everytoken-run-id')).toBe('run_0');
  });

  test('tells a caller over budget when the next day begins', async () => {
    const { app } = makeGenerate(endsAs(failedRun('over_budget')));
    expect((await app.request('/runs', post())).headers.get('retry-after')).toBe(String(12 * 3600));
  });

  test('answers 410 when the run was deleted while it was generated', async () => {
    const { app } = makeGenerate(endsAs(runView({ status: 'deleted' })));
    const response = await app.request('/runs', post());
    expect(response.status).toBe(410);
    expect(await problemIn(response)).toMatchObject({ code: 'gone' });
  });

  test('answers 202 with Location when the run takes longer than the wait, and keeps the invocation alive for it', async () => {
    const { promise, resolve } = deferred<RunView>();
    const { app } = makeGenerate(() => ({ kind: 'started', run: begunRun(), done: promise }), { waitMs: 5 });
    const kept: Promise<unknown>[] = [];
    const response = await app.request('/runs', post(), {
      waitUntil: (one: Promise<unknown>) => void kept.push(one),
    });
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe('/runs/run_0');
    expect(await response.json()).toEqual(begunRun());
    expect(kept).toHaveLength(1);
    resolve(runView());
    expect(await kept[0]).toEqual(runView());
  });

  test('waits no longer than Prefer: wait=N asks for', async () => {
    const { app } = makeGenerate(() => ({
      kind: 'started',
      run: begunRun(),
      done: new Promise<RunView>(() => {}),
    }));
    expect((await app.request('/runs', post(undefined, { prefer: 'respond-async, wait=0' }))).status).toBe(
      202,
    );
    const refused = await app.request('/runs', post(undefined, { prefer: 'wait=soon' }));
    expect(refused.status).toBe(400);
    expect(await problemIn(refused)).toMatchObject({ errors: [{ path: 'Prefer' }] });
  });

  test('answers 202 when the process had to put the run back', async () => {
    const { app } = makeGenerate(endsAs(begunRun({ status: 'queued' })));
    const response = await app.request('/runs', post());
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ status: 'queued' });
  });

  test('answers with the error when the run rejects, with the run id', async () => {
    const { app } = makeGenerate(() => ({
      kind: 'started',
      run: begunRun(),
      done: Promise.reject(new ConflictError('another worker has the run', { code: 'lease_lost' })),
    }));
    const response = await app.request('/runs', post());
    expect(response.status).toBe(409);
    expect(response.headers.get('x-everytoken-run-id')).toBe('run_0');
    expect(await problemIn(response)).toMatchObject({ code: 'lease_lost' });
  });

  test('includes the stage in Location', async () => {
    const { app } = makeGenerate(endsAs(runView()));
    const event = { path: '/runs', requestContext: { path: '/dev/runs' } };
    expect((await app.request('/runs', post(), { event })).headers.get('location')).toBe('/dev/runs/run_0');
  });
});

describe('POST /runs, in the background', () => {
  test('answers 202 and Location', async () => {
    const { app } = makeGenerate(() => ({ kind: 'queued', run: begunRun({ status: 'queued' }) }));
    const response = await app.request('/runs', post({ prompt: 'x', background: true }));
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe('/runs/run_0');
    expect(await response.json()).toMatchObject({ id: 'run_0', status: 'queued' });
  });
});

test('the header x-everytoken-conversation names the conversation, in at most 200 characters', async () => {
  const { app, seen } = makeGenerate(endsAs(runView()));
  const named = (name: string) =>
    app.request('/runs', post(undefined, { 'x-everytoken-conversation': name }));
  await named('Plans #1');
  await app.request('/runs', post());
  expect(seen.map(({ options }) => options.conversation)).toEqual(['Plans #1', undefined]);
  expect(await problemIn(await named('x'.repeat(201)))).toMatchObject({
    code: 'invalid_input',
    errors: [{ path: 'x-everytoken-conversation' }],
  });
});

describe('Idempotency-Key', () => {
  test('is passed to startRun', async () => {
    const { app, seen } = makeGenerate(endsAs(runView()));
    await app.request('/runs', post(undefined, { 'idempotency-key': '!key~' }));
    expect(seen[0]?.options.idempotencyKey).toBe('!key~');
  });

  test.each([
    ['', 'empty'],
    ['a b', 'a space'],
    ['x'.repeat(256), 'too long'],
    ['caf\xe9', 'not ASCII'],
  ])('is refused before any work: %j (%s)', async (key) => {
    const { app, seen } = makeGenerate(endsAs(runView()));
    const response = await app.request('/runs', post(undefined, { 'idempotency-key': key }));
    expect(response.status).toBe(400);
    expect(await problemIn(response)).toMatchObject({
      code: 'invalid_input',
      errors: [{ path: 'Idempotency-Key' }],
    });
    expect(seen).toEqual([]);
  });

  test('replays the run as it is now', async () => {
    const { app } = makeGenerate(() => ({ kind: 'replayed', run: runView({ status: 'completed' }) }));
    const response = await app.request('/runs', post());
    expect(response.status).toBe(201);
    expect(response.headers.get('idempotent-replayed')).toBe('true');
    expect(await response.json()).toMatchObject({ status: 'completed' });
  });

  test.each([false, true])('replays the failure of a failed run (stream: %s)', async (stream) => {
    const { app } = makeGenerate(() => ({ kind: 'replayed', run: failedRun('idle_timeout') }));
    const response = await app.request('/runs', post({ prompt: 'x', stream }));
    expect(response.status).toBe(504);
    expect(response.headers.get('idempotent-replayed')).toBe('true');
    expect(await problemIn(response)).toMatchObject({ code: 'idle_timeout', run: { id: 'run_0' } });
  });

  test('answers 409 with Retry-After while the run is being generated', async () => {
    const { app } = makeGenerate(() => ({ kind: 'running', run: begunRun() }));
    const response = await app.request('/runs', post());
    expect(response.status).toBe(409);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(response.headers.get('location')).toBe('/runs/run_0');
    expect(await problemIn(response)).toMatchObject({ code: 'run_in_progress' });
  });

  test('answers 422 when the key was used for another body', async () => {
    const { app } = makeGenerate(() => {
      throw new ConflictError('another body', { code: 'idempotency_key_reused' });
    });
    const response = await app.request('/runs', post());
    expect(response.status).toBe(422);
    expect(await problemIn(response)).toMatchObject({ code: 'idempotency_key_reused' });
  });
});

describe('POST /runs, refused', () => {
  test('requires a key before it checks anything else', async () => {
    const { app, seen } = makeGenerate(endsAs(runView()), {
      authenticate: makeAuthenticate({ keys: new Map(), clock: stillClock }),
    });
    const response = await app.request('/runs', post('not json', { 'content-type': 'text/plain' }));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('Bearer');
    expect(await problemIn(response)).toMatchObject({ code: 'unauthorized' });
    expect(seen).toEqual([]);
  });

  test('logs the cause of an unexpected error and does not send it', async () => {
    const { app, log } = makeGenerate(() => {
      throw new TypeError('reading x of undefined');
    });
    const response = await app.request('/runs', post());
    expect(response.status).toBe(500);
    expect(JSON.stringify(await problemIn(response))).not.toContain('reading x');
    expect(log.lines).toMatchObject([
      { level: 'error', event: 'http.failed', error: expect.stringContaining('reading x') },
    ]);
  });

  test('passes on the Retry-After of a service', async () => {
    const { app } = makeGenerate(() => {
      throw new UpstreamError('dynamodb', 'throttled', { code: 'rate_limited', retryAfterMs: 1_200 });
    });
    const response = await app.request('/runs', post());
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '2']);
  });

  test('answers 404 for any other path, and 405 for another method', async () => {
    const { app } = makeGenerate(endsAs(runView()));
    expect((await app.request('/nothing')).status).toBe(404);
    const put = await app.request('/runs', { method: 'PUT' });
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
  });
});
