import { describe, expect, it } from 'vitest';
import { ConflictError, InvalidInputError, UpstreamError } from '../../../lib/errors.ts';
import { problemSchema } from '../../../lib/http/answer-schemas.ts';
import { makeAuthenticate } from '../../../lib/http/authenticate.ts';
import { type GenerateAppDeps, makeGenerateApp } from '../../../lib/http/generate-app.ts';
import { runSchema } from '../../../lib/http/run-schemas.ts';
import type { RunListener } from '../../../lib/lifecycle/outputs.ts';
import type { Started, StartRun } from '../../../lib/lifecycle/start.ts';
import type { RunView } from '../../../lib/runs/view.ts';
import { deferred, eventsOf, memoryLog, stillClock } from '../../fixtures/http.ts';
import { begunRun, failedRun, generationView, runView } from '../../fixtures/run-view.ts';

type Seen = { body: unknown; options: Parameters<StartRun>[1] }[];

const makeApp = (
  start: (options: Parameters<StartRun>[1]) => Promise<Started> | Started,
  changes: Partial<GenerateAppDeps> = {},
) => {
  const seen: Seen = [];
  const log = memoryLog();
  const app = makeGenerateApp({
    authenticate: makeAuthenticate({ keys: new Map(), anonymousCaller: 'local', now: stillClock.now }),
    startRun: async (body, options) => {
      seen.push({ body, options });
      return await start(options);
    },
    clock: stillClock,
    log,
    ...changes,
  });
  return { app, seen, log };
};

const endsAs = (run: RunView) => () => ({
  kind: 'started' as const,
  run: begunRun(),
  done: Promise.resolve(run),
});

const post = (
  body: unknown = { prompt: 'Explain neural nets.' },
  headers: Record<string, string> = {},
): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

const problemIn = async (response: Response) => {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return problemSchema.parse(await response.json());
};

describe('POST /runs, whole', () => {
  it('answers 201 with the run once it has been committed', async () => {
    const { app, seen } = makeApp(endsAs(runView()));
    const response = await app.request('/runs', post());
    expect(response.status).toBe(201);
    expect(runSchema.parse(await response.json())).toEqual(runView());
    expect(response.headers.get('location')).toBe('/runs/run_0');
    expect(response.headers.get('x-everytoken-run-id')).toBe('run_0');
    expect(response.headers.get('server-timing')).toMatch(/^accept;dur=[\d.]+, total;dur=[\d.]+$/);
    expect(seen).toEqual([{ body: { prompt: 'Explain neural nets.' }, options: { caller: 'local' } }]);
  });

  it.each([
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
  ])('answers a run that failed with %s as %i, carrying the run', async (code, status) => {
    const { app } = makeApp(endsAs(failedRun(code)));
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

  it('tells an over-budget caller when the next day begins', async () => {
    const { app } = makeApp(endsAs(failedRun('over_budget')));
    expect((await app.request('/runs', post())).headers.get('retry-after')).toBe(String(12 * 3600));
  });

  it('answers 410 when the run was deleted while it was generated', async () => {
    const { app } = makeApp(endsAs(runView({ status: 'deleted' })));
    const response = await app.request('/runs', post());
    expect(response.status).toBe(410);
    expect(await problemIn(response)).toMatchObject({ code: 'gone' });
  });

  it('answers 202 with Location when the run takes longer than the wait, and keeps the invocation alive for it', async () => {
    const { promise, resolve } = deferred<RunView>();
    const { app } = makeApp(() => ({ kind: 'started', run: begunRun(), done: promise }), { waitMs: 5 });
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

  it('waits no longer than Prefer: wait=N asks for', async () => {
    const { app } = makeApp(() => ({
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

  it('answers 202 when the process had to give the run back', async () => {
    const { app } = makeApp(endsAs(begunRun({ status: 'queued' })));
    const response = await app.request('/runs', post());
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ status: 'queued' });
  });

  it('answers a rejected end as its error, with the run id', async () => {
    const { app } = makeApp(() => ({
      kind: 'started',
      run: begunRun(),
      done: Promise.reject(new ConflictError('another worker has the run', { code: 'lease_lost' })),
    }));
    const response = await app.request('/runs', post());
    expect(response.status).toBe(409);
    expect(response.headers.get('x-everytoken-run-id')).toBe('run_0');
    expect(await problemIn(response)).toMatchObject({ code: 'lease_lost' });
  });

  it('puts the stage before Location', async () => {
    const { app } = makeApp(endsAs(runView()));
    const event = { path: '/runs', requestContext: { path: '/dev/runs' } };
    expect((await app.request('/runs', post(), { event })).headers.get('location')).toBe('/dev/runs/run_0');
  });
});

describe('POST /runs, later', () => {
  it('answers a background run with 202 and Location', async () => {
    const { app } = makeApp(() => ({ kind: 'queued', run: begunRun({ status: 'queued' }) }));
    const response = await app.request('/runs', post({ prompt: 'x', background: true }));
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe('/runs/run_0');
    expect(await response.json()).toMatchObject({ id: 'run_0', status: 'queued' });
  });
});

describe('Idempotency-Key', () => {
  it('is handed on', async () => {
    const { app, seen } = makeApp(endsAs(runView()));
    await app.request('/runs', post(undefined, { 'idempotency-key': '!key~' }));
    expect(seen[0]?.options.idempotencyKey).toBe('!key~');
  });

  it.each([
    ['', 'empty'],
    ['a b', 'a space'],
    ['x'.repeat(256), 'too long'],
    ['caf\xe9', 'not ASCII'],
  ])('is refused before any work: %j (%s)', async (key) => {
    const { app, seen } = makeApp(endsAs(runView()));
    const response = await app.request('/runs', post(undefined, { 'idempotency-key': key }));
    expect(response.status).toBe(400);
    expect(await problemIn(response)).toMatchObject({
      code: 'invalid_input',
      errors: [{ path: 'Idempotency-Key' }],
    });
    expect(seen).toEqual([]);
  });

  it('answers again with the run as it is now', async () => {
    const { app } = makeApp(() => ({ kind: 'replayed', run: runView({ status: 'completed' }) }));
    const response = await app.request('/runs', post());
    expect(response.status).toBe(201);
    expect(response.headers.get('idempotent-replayed')).toBe('true');
    expect(await response.json()).toMatchObject({ status: 'completed' });
  });

  it.each([false, true])('replays the failure of a failed run (stream: %s)', async (stream) => {
    const { app } = makeApp(() => ({ kind: 'replayed', run: failedRun('idle_timeout') }));
    const response = await app.request('/runs', post({ prompt: 'x', stream }));
    expect(response.status).toBe(504);
    expect(response.headers.get('idempotent-replayed')).toBe('true');
    expect(await problemIn(response)).toMatchObject({ code: 'idle_timeout', run: { id: 'run_0' } });
  });

  it('answers 409 with Retry-After while the run is being generated', async () => {
    const { app } = makeApp(() => ({ kind: 'running', run: begunRun() }));
    const response = await app.request('/runs', post());
    expect(response.status).toBe(409);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(response.headers.get('location')).toBe('/runs/run_0');
    expect(await problemIn(response)).toMatchObject({ code: 'run_in_progress' });
  });

  it('answers 422 when the key was used for another body', async () => {
    const { app } = makeApp(() => {
      throw new ConflictError('another body', { code: 'idempotency_key_reused' });
    });
    const response = await app.request('/runs', post());
    expect(response.status).toBe(422);
    expect(await problemIn(response)).toMatchObject({ code: 'idempotency_key_reused' });
  });
});

describe('POST /runs, streamed', () => {
  const streamed = { prompt: 'x', stream: true };
  const listenerOf = (seen: Seen): RunListener => {
    const listener = seen[0]?.options.listener;
    if (!listener) throw new Error('no listener was given');
    return listener;
  };

  it('relays a run as the contract has it, with run.created first even if tokens were faster', async () => {
    const { promise, resolve } = deferred<RunView>();
    const { app, seen } = makeApp(({ listener }) => {
      listener?.onChunk(0, { t_ms: 12.5, text: 'Vec', tokens: 1 });
      return { kind: 'started', run: begunRun(), done: promise };
    });
    const response = await app.request('/runs', post(streamed));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(response.headers.get('x-everytoken-run-id')).toBe('run_0');
    const listener = listenerOf(seen);
    listener.onRestart(0, 2);
    listener.onChunk(0, { t_ms: 13, text: 'line\nbreak', tokens: null, logprobs: [] });
    listener.onChunk(0, { t_ms: 14, text: 'hidden thought', tokens: 2, kind: 'reasoning' });
    listener.onGeneration(generationView());
    resolve(runView());
    expect(eventsOf(await response.text()).events).toEqual([
      { event: 'run.created', data: begunRun() },
      { event: 'generation.token', data: { index: 0, text: 'Vec', t_ms: 12.5, tokens: 1 } },
      { event: 'generation.restarted', data: { index: 0, attempt: 2 } },
      { event: 'generation.token', data: { index: 0, text: 'line\nbreak', t_ms: 13, tokens: null } },
      { event: 'generation.completed', data: generationView() },
      { event: 'run.completed', data: runView() },
    ]);
  });

  it('sends each token when it comes, not when the run ends', async () => {
    const { app, seen } = makeApp(() => ({
      kind: 'started',
      run: begunRun(),
      done: new Promise<RunView>(() => {}),
    }));
    const reader = (await app.request('/runs', post(streamed))).body?.getReader();
    const next = async () => eventsOf(new TextDecoder().decode((await reader?.read())?.value)).events;
    expect(await next()).toMatchObject([{ event: 'run.created' }]);
    listenerOf(seen).onChunk(0, { t_ms: 1, text: 'a', tokens: 1 });
    expect(await next()).toMatchObject([{ event: 'generation.token', data: { text: 'a' } }]);
    listenerOf(seen).onChunk(0, { t_ms: 2, text: 'b', tokens: 1 });
    expect(await next()).toMatchObject([{ event: 'generation.token', data: { text: 'b' } }]);
    await reader?.cancel();
  });

  it('ends with an error event that carries the run when the run failed', async () => {
    const { app } = makeApp(endsAs(failedRun('upstream_error')));
    const { events } = eventsOf(await (await app.request('/runs', post(streamed))).text());
    expect(events).toMatchObject([
      { event: 'run.created' },
      { event: 'error', data: { status: 502, code: 'upstream_error', run: failedRun('upstream_error') } },
    ]);
  });

  it('ends with an error event when the run goes on elsewhere, and when its end is unknown', async () => {
    const givenBack = makeApp(endsAs(begunRun({ status: 'queued' })));
    const first = eventsOf(await (await givenBack.app.request('/runs', post(streamed))).text());
    expect(first.events.at(-1)).toMatchObject({ event: 'error', data: { code: 'wait_timeout' } });
    const broken = makeApp(() => ({
      kind: 'started',
      run: begunRun(),
      done: Promise.reject(new Error('secret detail')),
    }));
    const second = await (await broken.app.request('/runs', post(streamed))).text();
    expect(eventsOf(second).events.at(-1)).toMatchObject({
      event: 'error',
      data: { code: 'internal', status: 500 },
    });
    expect(second).not.toContain('secret detail');
    expect(JSON.stringify(broken.log.lines)).toContain('secret detail');
  });

  it('sends comments while nothing else comes', async () => {
    const { promise, resolve } = deferred<RunView>();
    const { app } = makeApp(() => ({ kind: 'started', run: begunRun(), done: promise }), { commentMs: 2 });
    let text = '';
    for await (const chunk of (await app.request('/runs', post(streamed))).body ?? []) {
      text += new TextDecoder().decode(chunk);
      if (eventsOf(text).comments.length === 2) resolve(runView());
    }
    expect(eventsOf(text).events.map(({ event }) => event)).toEqual(['run.created', 'run.completed']);
  });

  it('stops relaying to a reader who takes nothing, tells so, and never holds the run', async () => {
    const { promise, resolve } = deferred<RunView>();
    const { app, seen } = makeApp(() => ({ kind: 'started', run: begunRun(), done: promise }), {
      maxUnsentBytes: 2_000,
    });
    const response = await app.request('/runs', post(streamed));
    for (let at = 0; at < 10_000; at++) listenerOf(seen).onChunk(0, { t_ms: at, text: 'word', tokens: 1 });
    resolve(runView());
    const text = await response.text();
    expect(Buffer.byteLength(text)).toBeLessThan(4_000);
    const { events } = eventsOf(text);
    expect(events[0]).toMatchObject({ event: 'run.created' });
    expect(events.at(-1)).toMatchObject({ event: 'error', data: { code: 'relay_overflow' } });
  });

  it('lets the run go on when the client leaves', async () => {
    const { promise, resolve } = deferred<RunView>();
    const { app, seen } = makeApp(() => ({ kind: 'started', run: begunRun(), done: promise }));
    const kept: Promise<unknown>[] = [];
    const response = await app.request('/runs', post(streamed), {
      waitUntil: (one: Promise<unknown>) => void kept.push(one),
    });
    await response.body?.cancel();
    listenerOf(seen).onChunk(0, { t_ms: 1, text: 'a', tokens: 1 });
    resolve(runView());
    expect(await Promise.all(kept)).toEqual([runView()]);
  });

  it('replays an answered run as created, completed, completed', async () => {
    const run = runView({ generations: [generationView(), generationView({ index: 1, sample: 1 })] });
    const { app } = makeApp(() => ({ kind: 'replayed', run }));
    const response = await app.request('/runs', post(streamed));
    expect(response.status).toBe(200);
    expect(response.headers.get('idempotent-replayed')).toBe('true');
    expect(eventsOf(await response.text()).events).toEqual([
      { event: 'run.created', data: run },
      { event: 'generation.completed', data: run.generations[0] },
      { event: 'generation.completed', data: run.generations[1] },
      { event: 'run.completed', data: run },
    ]);
  });

  it('answers with a plain problem when the run was never accepted', async () => {
    const { app } = makeApp(() => {
      throw new InvalidInputError([{ path: 'top_p', message: 'is out of range' }]);
    });
    const response = await app.request('/runs', post(streamed));
    expect(response.status).toBe(400);
    expect(await problemIn(response)).toMatchObject({
      errors: [{ path: 'top_p', message: 'is out of range' }],
    });
  });
});

describe('POST /runs, bad requests', () => {
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

  it.each(refusals)('refuses %s', async (_name, init, status, code) => {
    const { app, seen } = makeApp(endsAs(runView()));
    const response = await app.request('/runs', init);
    expect(response.status).toBe(status);
    expect(await problemIn(response)).toMatchObject({ code, status });
    expect(seen).toEqual([]);
  });

  it('takes a body of exactly 1 MiB, and a byte order mark', async () => {
    const { app, seen } = makeApp(endsAs(runView()));
    const frame = JSON.stringify({ prompt: '' }).length;
    const body = JSON.stringify({ prompt: 'x'.repeat(1024 * 1024 - frame) });
    expect(Buffer.byteLength(body)).toBe(1024 * 1024);
    expect((await app.request('/runs', post(body))).status).toBe(201);
    expect((await app.request('/runs', post('\uFEFF{"prompt":"x"}'))).status).toBe(201);
    expect(seen).toHaveLength(2);
  });

  it('counts no bracket within a text as depth', async () => {
    const { app } = makeApp(endsAs(runView()));
    expect((await app.request('/runs', post({ prompt: `\\"${'['.repeat(100)}` }))).status).toBe(201);
  });

  it('counts a body that does not say its length while it reads it', async () => {
    const { app } = makeApp(endsAs(runView()));
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

  it('asks for a key before it looks at anything else', async () => {
    const { app, seen } = makeApp(endsAs(runView()), {
      authenticate: makeAuthenticate({ keys: new Map(), now: stillClock.now }),
    });
    const response = await app.request('/runs', post('not json', { 'content-type': 'text/plain' }));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('Bearer');
    expect(await problemIn(response)).toMatchObject({ code: 'unauthorized' });
    expect(seen).toEqual([]);
  });

  it('keeps the cause of an unexpected error to the log', async () => {
    const { app, log } = makeApp(() => {
      throw new TypeError('reading x of undefined');
    });
    const response = await app.request('/runs', post());
    expect(response.status).toBe(500);
    expect(JSON.stringify(await problemIn(response))).not.toContain('reading x');
    expect(log.lines).toMatchObject([
      { level: 'error', event: 'http.failed', error: expect.stringContaining('reading x') },
    ]);
  });

  it('hands on how long a service asks to be left alone', async () => {
    const { app } = makeApp(() => {
      throw new UpstreamError('dynamodb', 'throttled', { code: 'rate_limited', retryAfterMs: 1_200 });
    });
    const response = await app.request('/runs', post());
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '2']);
  });

  it('has no other route', async () => {
    const { app } = makeApp(endsAs(runView()));
    expect((await app.request('/nothing')).status).toBe(404);
    const put = await app.request('/runs', { method: 'PUT' });
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
  });
});
