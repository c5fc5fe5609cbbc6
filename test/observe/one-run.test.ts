import type { Context, SQSEvent } from 'aws-lambda';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeJsonLog } from '../../lib/adapters/lambda/json-log.ts';
import { makeGenerateApp } from '../../lib/http/generate-app.ts';
import { makeStartRun } from '../../lib/lifecycle/start.ts';
import { makeGenerateOne, serverError } from '../factories/generation.ts';
import { emfProblems } from '../fixtures/read-emf.ts';
import { makeWholeApi, wholeUseCases } from '../fixtures/whole-api.ts';
import { makeWorld, type World } from '../memory/world.ts';
import { composedFunctions } from '../reliability/composed-functions.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const traceparent = `00-${TRACE}-${PARENT}-01`;

type Functions = Awaited<ReturnType<typeof composedFunctions>>;
type Name = 'generateHttp' | 'generateQueue' | 'embed' | 'intake' | 'sweep' | 'api';
type Line = Record<string, unknown> & { event: string; function: Name };

let functions: Functions;
let makeSweepHandler: typeof import('../../functions/sweep.ts')['makeSweepHandler'];
let makeMovers: typeof import('../../functions/compose/movers.ts')['makeMovers'];
let world: World;
let texts: string[];

beforeAll(async () => {
  functions = await composedFunctions();
  ({ makeSweepHandler } = await import('../../functions/sweep.ts'));
  ({ makeMovers } = await import('../../functions/compose/movers.ts'));
});
beforeEach(() => {
  world = makeWorld({ generateOne: makeGenerateOne() });
  texts = [];
});

const depsOf = (name: Name) => ({
  ...world.deps,
  log: makeJsonLog({ function: name }, (text) => texts.push(text)),
});
const lines = (): Line[] => texts.map((text) => JSON.parse(text));
const named = (name: Name, runId?: string) =>
  lines().filter(
    (line) =>
      line.function === name &&
      (runId === undefined ||
        line.run_id === runId ||
        (line.run_ids as string[] | undefined)?.includes(runId)),
  );

const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
const eventOf = (...bodies: string[]) =>
  ({
    Records: bodies.map((body, at) => ({
      messageId: `message-${at}`,
      body,
      attributes: { ApproximateReceiveCount: '1' },
    })),
  }) as unknown as SQSEvent;
const authenticate = async () => ({ caller: 'docs' });

const post = async (body: Record<string, unknown>, headers: Record<string, string> = {}) => {
  const deps = depsOf('generateHttp');
  const app = makeGenerateApp({
    authenticate,
    startRun: (asked, options) => makeStartRun(deps)(asked, options),
    clock: deps.clock,
    log: deps.log,
  });
  const response = await app.request('/runs', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ prompt: 'Explain neural nets.', ...body }),
  });
  const { id } = (await response.json()) as { id: string };
  return id;
};
const api = async (path: string, method: string, body?: object) => {
  const deps = depsOf('api');
  const app = makeWholeApi({
    ...wholeUseCases(deps),
    authenticate,
    clock: deps.clock,
    log: deps.log,
  });
  return app.request(path, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
};
const generate = async () => {
  const job = world.jobs.receive();
  await functions.makeGenerateQueueHandler(depsOf('generateQueue'))(
    eventOf(JSON.stringify(job?.body)),
    context,
  );
  job?.delete();
};
const embed = async () => {
  const message = world.embedQueue.receive();
  const answer = await functions.makeEmbedHandler(depsOf('embed'))(eventOf(message?.body ?? ''));
  if (answer.batchItemFailures.length > 0) message?.release();
  else message?.delete();
};
const sweep = () => makeSweepHandler(depsOf('sweep'), async () => makeMovers(depsOf('sweep')))({}, context);

describe('a run that goes through every function', () => {
  test('has one run_id and one trace_id in the log of each, from the API call to the upsert', async () => {
    const id = await post({ background: true }, { traceparent });
    world.bus.down = true;
    await generate();
    world.bus.down = false;
    await world.clock.advance(10 * 60_000);
    await sweep();
    await embed();
    expect((await api(`/runs/${id}`, 'DELETE')).status).toBe(204);

    expect(texts.flatMap(emfProblems)).toEqual([]);
    const eventsOf = (name: Name) => named(name, id).map(({ event }) => event);
    expect(eventsOf('generateHttp')).toEqual(['run.accepted']);
    expect(eventsOf('generateQueue')).toEqual(['run.claimed', 'run.generated', 'event.delayed']);
    expect(eventsOf('sweep')).toEqual(['run.moved']);
    expect(eventsOf('embed')).toEqual(['embeddings.created', 'runs.completed']);
    expect(eventsOf('api')).toEqual(['run.deleted']);
    for (const line of lines().filter(({ run_id }) => run_id === id)) expect(line.trace_id).toBe(TRACE);
    for (const line of lines().filter(({ run_ids }) => run_ids)) expect(line.trace_ids).toEqual([TRACE]);
  });

  test('shares its trace with its job and its events, in the X-Ray header and in the detail of each event', async () => {
    const sent: unknown[] = [];
    const { send } = world.deps.jobs;
    world.deps.jobs.send = async (job, options) => {
      sent.push(options);
      await send(job, options);
    };
    const id = await post({ background: true }, { traceparent });
    await generate();
    await embed();
    const header = `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)};Parent=${PARENT};Sampled=1`;
    expect(sent).toEqual([{ traceHeader: header }]);
    expect(
      world.bus.events.map(({ type, detail, traceHeader }) => [type, detail.trace_id, traceHeader]),
    ).toEqual([
      ['RunGenerated', TRACE, header],
      ['RunCompleted', TRACE, header],
    ]);
    expect((await world.runs.get(id))?.trace).toEqual({ traceId: TRACE, parentId: PARENT, sampled: true });
  });

  test('keeps the trace in which it was accepted when it is requested again', async () => {
    const key = { 'idempotency-key': 'order-1' };
    const id = await post({}, { ...key, traceparent });
    const again = await post({}, { ...key, traceparent: `00-${'a'.repeat(32)}-${PARENT}-01` });
    expect(again).toBe(id);
    expect((await world.runs.get(id))?.trace?.traceId).toBe(TRACE);
  });

  test('has a new trace when the caller sent none, or a broken one', async () => {
    const ids = [await post({}), await post({}, { traceparent: '00-nonsense' })];
    const traces = await Promise.all(ids.map(async (id) => (await world.runs.get(id))?.trace?.traceId));
    expect(new Set(traces).size).toBe(2);
    for (const trace of traces) expect(trace).toMatch(/^[0-9a-f]{32}$/);
  });

  test('logs the line and the file, so that the file is found by the run and the run by the file', async () => {
    const object = world.drop('prompts/@docs/questions.txt', 'Explain neural nets.');
    const record = {
      s3: {
        bucket: { name: object.bucket },
        object: { key: object.key, eTag: object.etag, size: object.size, sequencer: object.sequencer },
      },
    };
    const body = JSON.stringify({ Records: [record] });
    await functions.makeIntakeHandler(depsOf('intake'))(eventOf(body), context);
    await generate();
    const [run] = world.runs.runs.values();
    expect(named('intake')).toContainEqual(
      expect.objectContaining({ event: 'file.accepted', file_id: run?.file?.fileId }),
    );
    expect(named('generateQueue', run?.id)[0]).toMatchObject({
      event: 'run.claimed',
      file_id: run?.file?.fileId,
      trace_id: run?.trace?.traceId,
    });
  });
});

describe('a run with a failure', () => {
  test('is named in the log where its embeddings, its upsert or its message failed', async () => {
    const id = await post({}, { traceparent });
    const { upsert } = world.deps.vectors;
    world.deps.vectors.upsert = async () => {
      throw serverError();
    };
    await embed();
    world.deps.vectors.upsert = upsert;
    const { embed: embedTexts } = world.deps.embedder;
    world.deps.embedder.embed = async () => {
      throw serverError();
    };
    await embed();
    world.deps.embedder.embed = embedTexts;
    await embed();
    expect(named('embed', id).map(({ event }) => event)).toEqual([
      'embeddings.created',
      'upsert.failed',
      'message.failed',
      'embed.service_failed',
      'message.failed',
      'embeddings.created',
      'runs.completed',
    ]);
    for (const line of named('embed')) expect(JSON.stringify(line)).toContain(TRACE);
    const failures = named('embed').flatMap((line) => line['everytoken.embed.failures'] ?? []);
    expect(failures).toEqual([1, 1, 0]);
  });

  test('is named in the logs of the API and the sweep that cannot read it', async () => {
    const id = await post({ background: true });
    const { get } = world.deps.runs;
    world.deps.runs.get = async () => {
      throw serverError();
    };
    expect((await api(`/runs/${id}`, 'GET')).status).toBeGreaterThanOrEqual(500);
    await world.clock.advance(60 * 60_000);
    await sweep();
    world.deps.runs.get = get;
    expect(named('api', id)).toMatchObject([{ event: 'http.failed', level: 'error' }]);
    expect(named('sweep', id)).toMatchObject([{ event: 'sweep.item_failed', level: 'error' }]);
  });

  test('is counted once when it fails, with the kind of its error', async () => {
    world = makeWorld({ generateOne: makeGenerateOne(() => null) });
    const id = await post({});
    const [failed] = named('generateHttp', id).filter(({ event }) => event === 'run.failed');
    expect(failed).toMatchObject({ 'error.type': 'server_error', 'everytoken.run.failures': 1, failed: 1 });
  });
});

test('a search is logged with the tokens and time of embedding its query, and without the query', async () => {
  await post({});
  await embed();
  expect((await api('/search', 'POST', { query: 'a secret question' })).status).toBe(200);
  const [line, ...others] = named('api');
  expect(others).toEqual([]);
  expect(line).toMatchObject({
    event: 'search.answered',
    matches: 1,
    'gen_ai.operation.name': 'embeddings',
    'gen_ai.client.operation.duration': 0,
  });
  expect(texts.join()).not.toContain('secret');
  expect(texts.flatMap(emfProblems)).toEqual([]);
});

test('a sweep measures how long the oldest item had been due, and an idle one measures nothing', async () => {
  await sweep();
  await post({ background: true });
  const [run] = world.runs.runs.values();
  await world.clock.advance((run?.dueAt ?? 0) - world.clock.now() + 90_000);
  await sweep();
  const [idle, busy] = lines().filter(({ event }) => event === 'sweep.completed');
  expect(idle).not.toHaveProperty('_aws');
  expect(busy).toMatchObject({ moved: 1, oldest_due_ms: 90_000, 'everytoken.due.age': 90 });
});
