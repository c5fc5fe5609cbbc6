import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeJsonLog } from '../../lib/adapters/lambda/json-log.ts';
import { makeOpenAIEmbedder } from '../../lib/adapters/openai/embedder.ts';
import { makeOpenAIModel } from '../../lib/adapters/openai/model.ts';
import { openAIPrices } from '../../lib/adapters/openai/prices.ts';
import { makePineconeIndex } from '../../lib/adapters/pinecone/vector-index.ts';
import { embedRuns } from '../../lib/embed/embed-runs.ts';
import { type GenerateOne, generateOne } from '../../lib/generate/generate-one.ts';
import { DEFAULT_RETRY_POLICY } from '../../lib/generate/retry-policy.ts';
import { sweep } from '../../lib/operate/sweep.ts';
import { outputKey } from '../../lib/runs/keys.ts';
import { makeServer } from '../../lib/sampling/server.ts';
import { startPinecone } from '../../local/pinecone/server.ts';
import { answerOf, delta, EVENT_STREAM, event } from '../lib/adapters/openai/model-server.ts';
import { makeWorld } from '../memory/world.ts';
import { KEYS, makeService } from './service.ts';

// Repetitive, so that any few characters are recognised, wherever a message is cut.
const PROMPT = 'prmpt prmpt prmpt prmpt prmpt prmpt';
const OUTPUT = 'otput otput otput otput otput otput';
const MODEL_KEY = 'sk-modelkey-modelkey-modelkey';
const EMBEDDING_KEY = 'sk-embedkey-embedkey-embedkey';
const PINECONE_KEY = 'pcsk_pinekey-pinekey-pinekey';
const TELLTALES = /prmpt|otput|modelkey|embedkey|pinekey|secret-of/;

const DIMENSION = 4;
const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const policy = { ...DEFAULT_RETRY_POLICY, attempts: 2, idleMs: 60, baseDelayMs: 1, maxDelayMs: 2 };
const retry = { attempts: 2, baseDelayMs: 1, maxDelayMs: 2 };

type Request = { path: string; text: string; headers: IncomingMessage['headers']; method: string };
type Handle = (request: Request, response: ServerResponse) => unknown;
const startServer = async (handle: Handle) => {
  const server = createServer(async (incoming, response) => {
    let text = '';
    for await (const part of incoming) text += part;
    const { url: path = '', headers, method = '' } = incoming;
    await handle({ path, text, headers, method }, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};

/** The worst case of an answer: it repeats the key and the whole request. */
const echo = (status: number, { text, headers }: Request, response: ServerResponse, code?: string) => {
  const message = `refused: ${headers.authorization ?? headers['api-key']} ${text}`;
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify({ error: { message, code, type: code }, message }));
};
const unreadable = ({ text, headers }: Request, response: ServerResponse) =>
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(`${text.slice(-40)} ${headers.authorization ?? headers['api-key']}`);

type Mode = 'well' | 'unreadable' | 'cut' | 'event' | number;
let mode: { model: Mode; embeddings: Mode; pinecone: Mode };
const servers: { close: () => unknown }[] = [];
let urls: { model: string; embeddings: string; pinecone: string };

const answerAsModel: Handle = (request, response) => {
  const { model } = mode;
  if (typeof model === 'number')
    return echo(model, request, response, model === 404 ? 'model_not_found' : undefined);
  if (model === 'unreadable')
    return response.writeHead(200, EVENT_STREAM).end(`data: ${PROMPT} ${OUTPUT}\n\n`);
  if (model === 'cut') return response.writeHead(200, EVENT_STREAM).end(delta({ content: OUTPUT }));
  if (model === 'event') {
    const error = { message: `${PROMPT} ${MODEL_KEY}`, code: 'server_error' };
    return response.writeHead(200, EVENT_STREAM).end(delta({ content: OUTPUT }) + event({ error }));
  }
  return response.writeHead(200, EVENT_STREAM).end(answerOf(OUTPUT));
};
const answerAsEmbeddings: Handle = (request, response) => {
  const { embeddings } = mode;
  if (typeof embeddings === 'number') return echo(embeddings, request, response);
  if (embeddings !== 'well') return unreadable(request, response);
  const { input } = JSON.parse(request.text) as { input: string[] };
  const data = input.map((_, index) => ({ index, embedding: [1, 0.5, 0.25, index] }));
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ data, usage: { prompt_tokens: 1 } }));
};

beforeAll(async () => {
  const local = await startPinecone({ file: ':memory:' });
  const model = await startServer(answerAsModel);
  const embeddings = await startServer(answerAsEmbeddings);
  const pinecone = await startServer(async (request, response) => {
    if (typeof mode.pinecone === 'number') return echo(mode.pinecone, request, response);
    if (mode.pinecone !== 'well') return unreadable(request, response);
    const answered = await fetch(local.url + request.path, {
      method: request.method,
      headers: { 'content-type': 'application/json', 'api-key': local.apiKey },
      ...(request.text === '' ? {} : { body: request.text }),
    });
    const body = (await answered.text()).replaceAll(local.url, urls.pinecone);
    response.writeHead(answered.status, { 'content-type': 'application/json' }).end(body);
  });
  servers.push(local, model, embeddings, pinecone);
  urls = { model: model.url, embeddings: embeddings.url, pinecone: pinecone.url };
});
afterAll(async () => {
  for (const server of servers) await server.close();
});

/** Everything that is printed, by the log or otherwise. */
let printed: unknown[] = [];
beforeEach(() => {
  mode = { model: 'well', embeddings: 'well', pinecone: 'well' };
  printed = [];
  // The SDK's debug log prints bodies, so it must stay off whatever the environment.
  vi.stubEnv('OPENAI_LOG', 'debug');
  for (const method of ['debug', 'info', 'log', 'warn', 'error'] as const) {
    vi.spyOn(console, method).mockImplementation((...values) => void printed.push(...values));
  }
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text).trimEnd()) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** The whole service on those servers, with its real log. */
const serviceOnServers = () => {
  const model = makeOpenAIModel({ apiKey: MODEL_KEY, baseURL: `${urls.model}/v1`, clock });
  const overHttp: GenerateOne = (input) =>
    generateOne(input, {
      model,
      server: makeServer(`${urls.model}/v1`),
      clock,
      prices: openAIPrices,
      random: Math.random,
      sleep: (ms, signal) => sleep(ms, undefined, { signal }),
      coldStart: false,
      policy,
    });
  const embedder = makeOpenAIEmbedder({
    apiKey: EMBEDDING_KEY,
    baseUrl: `${urls.embeddings}/v1`,
    model: 'encoder',
    dimensions: DIMENSION,
    retry,
  });
  const index = makePineconeIndex({
    apiKey: PINECONE_KEY,
    controllerHost: urls.pinecone,
    indexName: 'autogen-text',
    dimension: DIMENSION,
    readyPollMs: 1,
    retry,
  });
  const base = makeWorld({ generateOne: overHttp, embedder: { ...embedder, requests: [] } });
  const log = { ...base.log, ...makeJsonLog() };
  const vectors = { ...base.vectors, ...index };
  const world = { ...base, log, vectors, deps: { ...base.deps, log, vectors } };
  return { ...makeService({ world }), world };
};
type Service = ReturnType<typeof serviceOnServers>;

const expectSilence = ({ world: { bus } }: Service, answers: unknown[] = []) => {
  const said = [...printed, ...bus.events, ...answers].map((value) =>
    typeof value === 'string' ? value : JSON.stringify(value),
  );
  expect(said.filter((text) => TELLTALES.test(text))).toEqual([]);
  expect(printed.length).toBeGreaterThan(0);
};

const request = { prompt: PROMPT, metadata: { team: PROMPT }, model: 'gpt-6-luna' };
const search = { query: PROMPT, filter: { 'metadata.team': PROMPT } };

describe('no prompt, output or key is in a log line or an event', () => {
  test('when all goes well: whole, streamed, in the background, from a file, searched for and deleted', async () => {
    const service = serviceOnServers();
    const { run } = await service.run(request);
    await (await service.ask('/runs', { body: { ...request, stream: true } })).text();
    await service.run({ ...request, background: true });
    const lines = [{ prompt: PROMPT }, { prompt: PROMPT, top_p: 7, colour: OUTPUT }, OUTPUT];
    await service.machine.objects.send(service.world.drop('prompts/a.json', JSON.stringify(lines)));
    for (const [name, text] of [
      ['b.json', `${PROMPT} is no JSON`],
      ['c.csv', `${PROMPT},${PROMPT}\n${OUTPUT},x\n`],
      ['d.csv', `prompt,top_p\n${PROMPT},${OUTPUT}\n"${PROMPT}`],
      ['e.md', `---\n${PROMPT}: [${OUTPUT}\n---\n${PROMPT}`],
      ['f.jsonl', `{"defaults":{"prompt":"{{${PROMPT}}}"}}\n{"${OUTPUT}":1}\n${PROMPT}\n`],
      [`g.jsonl`, `{"defaults":{"${PROMPT}":1}}\n{"prompt":"x"}\n`],
    ] as const) {
      await service.machine.objects.send(service.world.drop(`prompts/${name}`, text));
    }
    await service.untilQuiet();
    const found = await (await service.ask('/search', { body: search })).json();
    expect(JSON.stringify(found)).toContain(OUTPUT);
    expect((await service.ask(`/runs/${run.id}`, { method: 'DELETE' })).status).toBe(204);
    await service.untilQuiet();
    expectSilence(service);
  });

  test.each<Mode>([400, 401, 403, 404, 429, 500, 'unreadable', 'cut', 'event'])(
    'when the model server repeats them in its failure: %s',
    async (failure) => {
      mode.model = failure;
      const service = serviceOnServers();
      const answer = await service.ask('/runs', { body: request });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(await answer.text()).not.toMatch(/otput|modelkey/);
      const streamed = await service.ask('/runs', { body: { ...request, stream: true } });
      expect(await streamed.text()).not.toContain('modelkey');
      await service.run({ ...request, background: true });
      await service.machine.objects.send(service.world.drop('prompts/a.txt', PROMPT));
      await service.machine.untilQuiet(async (step) => {
        // A throttled run would be put back for a day.
        if (step > 60) mode.model = 'well';
      });
      expectSilence(service);
    },
  );

  test.each<[keyof typeof mode, Mode]>([
    ['embeddings', 400],
    ['embeddings', 401],
    ['embeddings', 404],
    ['embeddings', 429],
    ['embeddings', 500],
    ['embeddings', 'unreadable'],
    ['pinecone', 400],
    ['pinecone', 401],
    ['pinecone', 403],
    ['pinecone', 429],
    ['pinecone', 500],
    ['pinecone', 'unreadable'],
  ])('when %s repeats them in its failure: %s', async (part, failure) => {
    const service = serviceOnServers();
    const { run } = await service.run(request);
    mode[part] = failure;
    const failures = await embedRuns(service.world.generatedEvents(), service.world.deps);
    expect([...failures.keys()]).toEqual([run.id]);
    const answer = await service.ask('/search', { body: search });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(await answer.text()).not.toMatch(/key-/);
    await service.ask(`/runs/${run.id}`, { method: 'DELETE' });
    await sweep(service.world.deps);
    expectSilence(service);
  });

  test('when stored data cannot be read, and when an error is unexpected', async () => {
    const service = serviceOnServers();
    const { run } = await service.run(request);
    const figures = service.world.runs.runs.get(run.id)?.generations[0];
    await service.world.content.put(outputKey(run.id, 0, figures?.lease ?? ''), OUTPUT, 'text/plain');
    const answer = await service.ask(`/runs/${run.id}`);
    expect([answer.status, await answer.text()]).toEqual([500, expect.not.stringMatching(TELLTALES)]);
    await service.ask(`/runs/${run.id}/generations/0/trace`);
    await embedRuns(service.world.generatedEvents(), service.world.deps);
    expectSilence(service);
  });

  test('when a request is refused, whatever is wrong with it', async () => {
    const service = serviceOnServers();
    const keyed = { headers: { 'idempotency-key': 'order-1' } };
    await service.run(request, keyed);
    const answers = [
      await service.ask('/runs', { ...keyed, body: { prompt: OUTPUT } }),
      await service.ask('/runs', { body: `{"prompt": "${PROMPT}` }),
      await service.ask('/runs', { body: { ...request, top_p: PROMPT, seed: OUTPUT } }),
      await service.ask('/runs', { as: null, body: request }),
      await service.ask('/runs', { body: request, headers: { authorization: `Bearer ${MODEL_KEY}` } }),
      await service.ask('/search', { body: { query: PROMPT, filter: { label: { $ne: OUTPUT } } } }),
      await service.ask(`/runs?metadata.team=${PROMPT}&cursor=${OUTPUT}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([422, 400, 400, 401, 403, 400, 400]);
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expectSilence(service, texts);
  });
});

test('the secrets of callers are in no log, event, item or object', async () => {
  const service = serviceOnServers();
  await service.run(request);
  await service.untilQuiet();
  const { runs, content, bus } = service.world;
  const everything = JSON.stringify([
    printed,
    bus.events,
    [...runs.runs.values()],
    [...content.objects].map(([key, body]) => [key, String(body)]),
  ]);
  for (const secret of Object.values(KEYS)) expect(everything).not.toContain(secret);
});
