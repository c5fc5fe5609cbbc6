import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../lib/errors.ts';
import type { RunListener } from '../../../../lib/lifecycle/outputs.ts';
import type { RunView } from '../../../../lib/runs/view.ts';
import { deferred, eventsOf } from '../../../fixtures/http.ts';
import { begunRun, failedRun, generationView, runView } from '../../../fixtures/run-view.ts';
import { endsAs, makeGenerate, post, problemIn, type Seen } from '../apps.ts';

describe('POST /runs, streamed', () => {
  const streamed = { prompt: 'x', stream: true };
  const listenerOf = (seen: Seen): RunListener => {
    const listener = seen[0]?.options.listener;
    if (!listener) throw new Error('no listener was given');
    return listener;
  };

  test('sends the documented events, with run.created first even if tokens were faster', async () => {
    const { promise, resolve } = deferred<RunView>();
    const { app, seen } = makeGenerate(({ listener }) => {
      listener?.onChunk(0, { t_ms: 12.5, text: 'Vec', tokens: 1 }, 985);
      return { kind: 'started', run: begunRun(), done: promise };
    });
    const response = await app.request('/runs', post(streamed));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(response.headers.get('x-everytoken-run-id')).toBe('run_0');
    const listener = listenerOf(seen);
    listener.onRestart(0, 2);
    listener.onChunk(0, { t_ms: 13, text: 'line\nbreak', tokens: null, logprobs: [] }, 986.5);
    listener.onChunk(0, { t_ms: 14, text: 'hidden thought', tokens: 2, kind: 'reasoning' }, 0);
    listener.onGeneration(generationView());
    resolve(runView());
    expect(eventsOf(await response.text()).events).toEqual([
      { event: 'run.created', data: begunRun() },
      { event: 'generation.token', data: { index: 0, text: 'Vec', t_ms: 12.5, tokens: 1, sent_ms: 15 } },
      { event: 'generation.restarted', data: { index: 0, attempt: 2 } },
      {
        event: 'generation.token',
        data: { index: 0, text: 'line\nbreak', t_ms: 13, tokens: null, sent_ms: 13.5 },
      },
      { event: 'generation.completed', data: generationView() },
      { event: 'run.completed', data: runView() },
    ]);
  });

  test('sends each token as it comes, not when the run ends', async () => {
    const { app, seen } = makeGenerate(() => ({
      kind: 'started',
      run: begunRun(),
      done: new Promise<RunView>(() => {}),
    }));
    const reader = (await app.request('/runs', post(streamed))).body?.getReader();
    const next = async () => eventsOf(new TextDecoder().decode((await reader?.read())?.value)).events;
    expect(await next()).toMatchObject([{ event: 'run.created' }]);
    listenerOf(seen).onChunk(0, { t_ms: 1, text: 'a', tokens: 1 }, 0);
    expect(await next()).toMatchObject([{ event: 'generation.token', data: { text: 'a' } }]);
    listenerOf(seen).onChunk(0, { t_ms: 2, text: 'b', tokens: 1 }, 0);
    expect(await next()).toMatchObject([{ event: 'generation.token', data: { text: 'b' } }]);
    await reader?.cancel();
  });

  test('says of each token when it was handed to a reader, who may be slow, and not when it came', async () => {
    let now = 1_000;
    const clock = { now: () => 0, monotonic: () => now };
    const done = new Promise<RunView>(() => {});
    const { app, seen } = makeGenerate(() => ({ kind: 'started', run: begunRun(), done }), { clock });
    const reader = (await app.request('/runs', post(streamed))).body?.getReader();
    const sent = async () => {
      const { events } = eventsOf(new TextDecoder().decode((await reader?.read())?.value));
      return events.flatMap(({ event, data }) =>
        event === 'generation.token' ? [(data as { sent_ms: number }).sent_ms] : [],
      );
    };
    expect(await sent()).toEqual([]);
    now = 1_102;
    listenerOf(seen).onChunk(0, { t_ms: 100, text: 'at once', tokens: 1 }, 1_000);
    expect(await sent()).toEqual([102]);
    listenerOf(seen).onChunk(0, { t_ms: 103, text: 'waits', tokens: 1 }, 1_000);
    now = 1_110;
    listenerOf(seen).onChunk(1, { t_ms: 5, text: 'of another generation', tokens: 1 }, 1_104);
    now = 1_500;
    expect(await sent()).toEqual([500, 396]);
    await reader?.cancel();
  });

  test('ends with an error event that holds the run when the run failed', async () => {
    const { app } = makeGenerate(endsAs(failedRun('upstream_error')));
    const { events } = eventsOf(await (await app.request('/runs', post(streamed))).text());
    expect(events).toMatchObject([
      { event: 'run.created' },
      { event: 'error', data: { status: 502, code: 'upstream_error', run: failedRun('upstream_error') } },
    ]);
  });

  test('ends with an error event when the run continues elsewhere, and when its end is unknown', async () => {
    const givenBack = makeGenerate(endsAs(begunRun({ status: 'queued' })));
    const first = eventsOf(await (await givenBack.app.request('/runs', post(streamed))).text());
    expect(first.events.at(-1)).toMatchObject({ event: 'error', data: { code: 'wait_timeout' } });
    const broken = makeGenerate(() => ({
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

  test('sends comments while there is nothing else to send', async () => {
    const { promise, resolve } = deferred<RunView>();
    const { app } = makeGenerate(() => ({ kind: 'started', run: begunRun(), done: promise }), {
      commentMs: 2,
    });
    let text = '';
    for await (const chunk of (await app.request('/runs', post(streamed))).body ?? []) {
      text += new TextDecoder().decode(chunk);
      if (eventsOf(text).comments.length === 2) resolve(runView());
    }
    expect(eventsOf(text).events.map(({ event }) => event)).toEqual(['run.created', 'run.completed']);
  });

  test('drops a reader that reads nothing, with an event, and never holds the run up', async () => {
    const { promise, resolve } = deferred<RunView>();
    const { app, seen } = makeGenerate(() => ({ kind: 'started', run: begunRun(), done: promise }), {
      maxUnsentBytes: 2_000,
    });
    const response = await app.request('/runs', post(streamed));
    for (let at = 0; at < 10_000; at++) listenerOf(seen).onChunk(0, { t_ms: at, text: 'word', tokens: 1 }, 0);
    resolve(runView());
    const text = await response.text();
    expect(Buffer.byteLength(text)).toBeLessThan(4_000);
    const { events } = eventsOf(text);
    expect(events[0]).toMatchObject({ event: 'run.created' });
    expect(events.at(-1)).toMatchObject({ event: 'error', data: { code: 'relay_overflow' } });
  });

  test('lets the run continue when the client disconnects', async () => {
    const { promise, resolve } = deferred<RunView>();
    const { app, seen } = makeGenerate(() => ({ kind: 'started', run: begunRun(), done: promise }));
    const kept: Promise<unknown>[] = [];
    const response = await app.request('/runs', post(streamed), {
      waitUntil: (one: Promise<unknown>) => void kept.push(one),
    });
    await response.body?.cancel();
    listenerOf(seen).onChunk(0, { t_ms: 1, text: 'a', tokens: 1 }, 0);
    resolve(runView());
    expect(await Promise.all(kept)).toEqual([runView()]);
  });

  test('replays an ended run as run.created, generation.completed, run.completed', async () => {
    const run = runView({ generations: [generationView(), generationView({ index: 1, sample: 1 })] });
    const { app } = makeGenerate(() => ({ kind: 'replayed', run }));
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

  test('answers with a plain problem when the run was never accepted', async () => {
    const { app } = makeGenerate(() => {
      throw new InvalidInputError([{ path: 'top_p', message: 'is out of range' }]);
    });
    const response = await app.request('/runs', post(streamed));
    expect(response.status).toBe(400);
    expect(await problemIn(response)).toMatchObject({
      errors: [{ path: 'top_p', message: 'is out of range' }],
    });
  });
});
