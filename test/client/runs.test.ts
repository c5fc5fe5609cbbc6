import { afterEach, describe, expect, test } from 'vitest';
import { ApiError, ConnectionError, createClient, type RunEvent } from '../../client/index.ts';
import { encodeEvent } from '../../lib/http/event-stream.ts';
import { makeGenerateOne } from '../factories/generation.ts';
import { runView } from '../fixtures/run-view.ts';
import { makeWorld } from '../memory/world.ts';
import { makeWorldApi, workOff } from '../memory/world-api.ts';
import { problem, type Scripted, startScripted } from './scripted-server.ts';

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

const scripted = async (...answers: Scripted[]) => {
  const server = await startScripted(...answers);
  open.push(server.close);
  return { ...server, client: createClient({ baseUrl: server.baseUrl }) };
};

/** The client on the whole API over memory ports; `requests` counts what it sent. */
const overMemory = () => {
  const world = makeWorld({
    generateOne: makeGenerateOne(({ index }) => (index === 3 ? null : `Text ${index}.`)),
  });
  const { api, generate } = makeWorldApi(world);
  const requests: string[] = [];
  const client = createClient({
    baseUrl: 'http://127.0.0.1',
    fetch: async (url, init) => {
      const { pathname, search } = new URL(String(url));
      requests.push(`${init?.method} ${pathname}${search}`);
      const app = init?.method === 'POST' && pathname === '/runs' ? generate : api;
      return app.request(String(url), init);
    },
  });
  return { client, requests, world };
};

const sse = (...events: [string, unknown][]): Scripted => ({
  status: 200,
  headers: { 'content-type': 'text/event-stream' },
  body: events.map(([name, data]) => new TextDecoder().decode(encodeEvent(name, data))).join(''),
});
const begun = { ...runView(), status: 'generating' as const, generations: [] };
const prompt = { prompt: 'Explain vector databases.' };

const collect = async (events: AsyncIterable<RunEvent>): Promise<RunEvent[]> => {
  const all: RunEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
};

test('a trace that comes in pages is read to its end', async () => {
  const page = (texts: string[], next_after: number | null): Scripted => {
    const chunks = texts.map((text) => ({ t_ms: 1, text, tokens: 1 }));
    const body = JSON.stringify({ marks: {}, longest_gaps: [], chunks, next_after });
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  };
  const { client, seen } = await scripted(page(['a', 'b'], 1), page(['c'], null));
  const trace = await client.runs.trace('run_0', 3);
  expect(trace.chunks.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
  expect(trace.next_after).toBeNull();
  expect(seen.map(({ url }) => url)).toEqual([
    '/runs/run_0/generations/3/trace',
    '/runs/run_0/generations/3/trace?after=1',
  ]);
});

describe('runs over the API in memory', () => {
  test('are created, read, traced and deleted', async () => {
    const { client } = overMemory();
    const run = await client.runs.create({ ...prompt, samples: 2, metadata: { team: 'docs' } });
    expect(run.generations.map(({ text }) => text)).toEqual(['Text 0.', 'Text 1.']);
    expect(await client.runs.get(run.id)).toEqual(run);
    expect(await client.runs.generation(run.id, 1)).toEqual(run.generations[1]);
    expect((await client.runs.trace(run.id)).chunks.length).toBeGreaterThan(0);
    await client.runs.delete(run.id);
    await expect(client.runs.get(run.id)).rejects.toMatchObject({ status: 410, code: 'gone' });
  });

  test('give the same run for the same key', async () => {
    const { client } = overMemory();
    const [first, second] = [
      await client.runs.create(prompt, { idempotencyKey: 'k' }),
      await client.runs.create(prompt, { idempotencyKey: 'k' }),
    ];
    expect(second.id).toBe(first.id);
    await expect(client.runs.create({ prompt: 'Another.' }, { idempotencyKey: 'k' })).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
  });

  test('throw what is wrong with a request, field by field', async () => {
    const { client } = overMemory();
    const error = await client.runs.create({ ...prompt, top_p: 2 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code: 'invalid_input', errors: [{ path: 'top_p' }] });
  });

  test('stream their events, the finished run last', async () => {
    const { client } = overMemory();
    const stream = client.runs.stream({ ...prompt, samples: 2 });
    const events = await collect(stream);
    expect(events.at(0)).toMatchObject({ type: 'run.created', run: { id: stream.runId } });
    const run = await stream.finalRun();
    expect(events.at(-1)).toEqual({ type: 'run.completed', run });
    const texts = events.flatMap((event) =>
      event.type === 'generation.completed' ? event.generation.text : [],
    );
    expect(texts.sort()).toEqual(['Text 0.', 'Text 1.']);
  });

  test('are waited for in the background, until there is a text or until they can be searched', async () => {
    const { client, world } = overMemory();
    const { id, status } = await client.runs.createInBackground(prompt);
    expect(status).toBe('queued');
    await workOff(world);
    expect(await client.runs.wait(id)).toMatchObject({ id, status: 'completed' });
    expect(await client.runs.wait(id, { until: 'completed' })).toMatchObject({ status: 'completed' });
    const { matches } = await client.search({ query: 'Text 0.', filter: { 'metadata.team': null } });
    expect(matches.map(({ run_id }) => run_id)).toEqual([id]);
  });

  test('are listed page by page, or all of them', async () => {
    const { client, requests, world } = overMemory();
    const ids: string[] = [];
    for (const team of ['a', 'b', 'a', 'a']) {
      await world.clock.advance(1_000);
      ids.unshift((await client.runs.create({ ...prompt, metadata: { team } })).id);
    }
    const page = await client.runs.list({ limit: 3 });
    expect(page.data.map(({ id }) => id)).toEqual(ids.slice(0, 3));
    const all: string[] = [];
    requests.length = 0;
    for await (const { id } of client.runs.all({ limit: 3 })) all.push(id);
    expect(all).toEqual(ids);
    expect(requests).toHaveLength(2);
    const filtered: string[] = [];
    for await (const { id } of client.runs.all({ 'metadata.team': 'b' })) filtered.push(id);
    expect(filtered).toEqual([ids[2]]);
  });

  test('are exported row by row, or as a table', async () => {
    const { client } = overMemory();
    const { id } = await client.runs.create({ ...prompt, samples: 2 });
    const rows: unknown[] = [];
    for await (const { run_id, index, text } of client.runs.export({ texts: true }))
      rows.push([run_id, index, text]);
    expect(rows).toEqual([
      [id, 0, 'Text 0.'],
      [id, 1, 'Text 1.'],
    ]);
    const table = await (await client.runs.exportCsv({ limit: 1 })).text();
    expect(table.split('\n', 2)).toEqual([expect.stringMatching(/^run_id,/), expect.stringContaining(id)]);
  });

  test('are cancelled while they are queued, and counted in usage', async () => {
    const { client } = overMemory();
    const { id } = await client.runs.createInBackground(prompt);
    expect(await client.runs.cancel(id)).toMatchObject({ status: 'cancelled' });
    expect((await client.usage({ group_by: 'label' })).group_by).toBe('label');
  });

  test('of a comparison are begun once for each call, and estimated', async () => {
    const { client } = overMemory();
    const body = {
      prompts: ['Explain.'],
      settings: [
        { label: 'a', top_p: 1 },
        { label: 'b', top_p: 0.5 },
      ],
      samples: 2,
    };
    const { id } = await client.comparisons.create(body);
    expect((await client.comparisons.get(id)).settings.map(({ label }) => label)).toEqual(['a', 'b']);
    expect((await client.comparisons.estimate(body)).generations).toBeGreaterThan(0);
    for await (const comparison of client.comparisons.all()) expect(comparison.id).toBe(id);
    expect((await client.comparisons.cancel(id)).stopped).toMatchObject({ code: 'cancelled' });
    await client.comparisons.delete(id);
  });
});

describe('a comparison', () => {
  const looked = (status: string, done: number) => ({
    status: 200,
    body: JSON.stringify({ id: 'cmp_1', status, progress: { blocks: 2, done } }),
  });

  test('is watched without its texts: whenever its progress changes, until it has ended', async () => {
    const { client, seen } = await scripted(
      looked('generating', 0),
      looked('generating', 0),
      looked('generating', 1),
      looked('completed', 2),
    );
    const told: string[] = [];
    for await (const { status, progress } of client.comparisons.watch('cmp_1', { everyMs: 1 }))
      told.push(`${status} ${progress.done}`);
    expect(told).toEqual(['generating 0', 'generating 1', 'completed 2']);
    expect(seen.map(({ url }) => url)).toEqual(Array(4).fill('/comparisons/cmp_1?texts=false'));
  });
});

describe('an export', () => {
  const row = (run_id: string | null, cursor: string, error_code: string | null = null) =>
    `${JSON.stringify({ run_id, cursor, error_code })}\n`;
  const table = (...rows: string[]) => ({ status: 200, body: rows.join('') });
  const broken: Scripted = (response) => {
    response.writeHead(200, { 'content-type': 'application/jsonl' });
    response.write(`${row('run_3', 'c3')}{"run_id":"ru`, () => response.destroy());
  };
  const idsOf = async (rows: AsyncIterable<{ run_id: string | null }>) => {
    const ids: (string | null)[] = [];
    for await (const { run_id } of rows) ids.push(run_id);
    return ids;
  };

  test('goes on after the last row when its time is over or its connection breaks, to its limit', async () => {
    const { client, seen } = await scripted(
      table(row('run_1', 'c1'), row('run_2', 'c2'), row(null, 'c2', 'out_of_time')),
      broken,
      table(row('run_4', 'c4')),
    );
    expect(await idsOf(client.runs.export({ limit: 9, model: 'm' }))).toEqual([
      'run_1',
      'run_2',
      'run_3',
      'run_4',
    ]);
    expect(seen.map(({ url }) => new URL(url ?? '', 'http://x').searchParams.toString())).toEqual([
      'limit=9&model=m&format=jsonl',
      'limit=7&model=m&format=jsonl&cursor=c2',
      'limit=6&model=m&format=jsonl&cursor=c3',
    ]);
  });

  test('fails where it gets no further', async () => {
    const { client } = await scripted(
      table(row('run_1', 'c1'), row(null, 'c1', 'upstream_error')),
      table(row(null, 'c1', 'upstream_error')),
    );
    await expect(idsOf(client.runs.export())).rejects.toMatchObject({ code: 'upstream_error' });
  });
});

describe('a stream', () => {
  test('gives its run without a loop', async () => {
    const { client } = await scripted(sse(['run.created', begun], ['run.completed', runView()]));
    expect(await client.runs.stream(prompt).finalRun()).toEqual(runView());
  });

  test('throws the problem that ends it, after the events before it', async () => {
    const { body } = problem(502, 'incomplete_output', { run: { ...runView(), status: 'failed' } });
    const token = { index: 0, text: 'a', t_ms: 1, tokens: 1 };
    const { client } = await scripted(
      sse(['run.created', begun], ['generation.token', token], ['a.later.event', {}], ['error', body]),
    );
    const stream = client.runs.stream(prompt);
    const seen: string[] = [];
    const loop = async () => {
      for await (const event of stream) seen.push(event.type);
    };
    await expect(loop()).rejects.toMatchObject({ name: 'ApiError', code: 'incomplete_output' });
    expect(seen).toEqual(['run.created', 'generation.token']);
    await expect(stream.finalRun()).rejects.toMatchObject({ code: 'incomplete_output' });
  });

  test('that breaks names its run, and finalRun waits for it', async () => {
    const answer = { status: 200, body: runView() };
    const { client } = await scripted(sse(['run.created', begun]), answer);
    const stream = client.runs.stream(prompt);
    const error = await collect(stream).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toHaveProperty('runId', begun.id);
    expect(await stream.finalRun()).toEqual(runView());
  });

  test('whose loop is left closes its connection, and finalRun waits for the run', async () => {
    const closed = Promise.withResolvers<void>();
    const { client } = await scripted(
      (response) => {
        response.on('close', closed.resolve);
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(encodeEvent('run.created', begun));
      },
      { status: 200, body: runView() },
    );
    const stream = client.runs.stream(prompt);
    for await (const _ of stream) break;
    await closed.promise;
    expect(await stream.finalRun()).toEqual(runView());
  });

  test('ends by abort, also by the signal of its caller', async () => {
    const endless: Scripted = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(encodeEvent('run.created', begun));
    };
    const { client } = await scripted(endless);
    const stream = client.runs.stream(prompt);
    const loop = async (stop: () => void, events: AsyncIterable<RunEvent>) => {
      for await (const _ of events) stop();
    };
    await expect(loop(stream.abort, stream)).rejects.toHaveProperty('name', 'AbortError');
    const aborter = new AbortController();
    const other = client.runs.stream(prompt, { signal: aborter.signal });
    await expect(loop(() => aborter.abort(new Error('enough')), other)).rejects.toThrow('enough');
    await expect(other.finalRun()).rejects.toThrow('enough');
  });

  test('of a run that is generated elsewhere waits for it, and is then replayed', async () => {
    const { client, seen } = await scripted(
      { status: 202, body: { ...begun, status: 'queued' } },
      { status: 200, body: runView() },
      sse(['run.created', runView()], ['run.completed', runView()]),
    );
    expect(await client.runs.stream(prompt).finalRun()).toEqual(runView());
    expect(seen.map(({ method }) => method)).toEqual(['POST', 'GET', 'POST']);
  });

  test('is read once', async () => {
    const { client } = await scripted(sse(['run.created', begun], ['run.completed', runView()]));
    const stream = client.runs.stream(prompt);
    await collect(stream);
    expect(() => stream[Symbol.asyncIterator]()).toThrow('only once');
  });
});
