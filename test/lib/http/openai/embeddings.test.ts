import type { ServerResponse } from 'node:http';
import OpenAI from 'openai';
import { afterEach, describe, expect, test } from 'vitest';
import { makeOpenAIEmbedder } from '../../../../lib/adapters/openai/embedder.ts';
import { systemClock } from '../../../../lib/adapters/system.ts';
import { makeCreateEmbeddings } from '../../../../lib/embed/create-embeddings.ts';
import { embeddingListSchema } from '../../../../lib/http/openai/embeddings-schema.ts';
import { openaiSdk } from '../../../fixtures/openai-sdk.ts';
import { makeWorld } from '../../../memory/world.ts';
import { type Received, startModelServer } from '../../adapters/openai/model-server.ts';
import { makeApi, post } from '../apps.ts';

const model = 'text-embedding-3-small';
const DIMENSIONS = 4;

type Answer = (response: ServerResponse, received: Received) => void;

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
const base64 = (values: number[]) => Buffer.from(Float32Array.from(values).buffer).toString('base64');

/** The vector of an input, of its length and a fraction that float32 cannot hold. */
const vectorOf = (input: unknown, dimensions: number) =>
  Array.from({ length: dimensions }, (_, at) => (input as { length: number }).length + at / 10);

const embeds: Answer = (response, { body }) => {
  const inputs = body.input as unknown[];
  const size = Number(body.dimensions ?? DIMENSIONS);
  const data = inputs.map((input, index) => ({
    object: 'embedding',
    index,
    embedding: base64(vectorOf(input, size)),
  }));
  json(response, 200, {
    object: 'list',
    model: 'its-own-name',
    data,
    usage: { prompt_tokens: 7, total_tokens: 7 },
  });
};

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** The API in front of a scripted embeddings server. */
const start = async (
  answer: Answer = embeds,
  { served = model, dimensions = DIMENSIONS }: { served?: string; dimensions?: number } = {},
) => {
  const server = await startModelServer(answer);
  closing.push(server.close);
  const world = makeWorld();
  const embedder = makeOpenAIEmbedder({
    apiKey: 'sk-test',
    baseUrl: server.baseURL,
    model: served,
    dimensions,
    retry: { baseDelayMs: 1, maxDelayMs: 2 },
  });
  const create = makeCreateEmbeddings({
    ...{ embedder, budget: world.deps.budget, clock: systemClock, log: world.log },
    embeddingPriceOf: () => ({
      input: 0.02,
      cached: 0.02,
      output: 0,
      price: { source: 'x', as_of: '2026-11-01' },
    }),
  });
  const { app } = makeApi({ embeddings: { create, model: served, dimensions } });
  return { openai: openaiSdk(app), app, world, received: server.received };
};

const errorOf = async (promise: Promise<unknown>) => {
  const error = await promise.catch((thrown: unknown) => thrown);
  if (!(error instanceof OpenAI.APIError)) throw error;
  return error;
};

describe('POST /v1/embeddings answers the OpenAI SDK', () => {
  test('in base64, as it asks by default, with the values of the server', async () => {
    const { openai, received } = await start();
    const { data, usage, model: answered } = await openai.embeddings.create({ model, input: 'abc' });
    expect(data).toEqual([{ object: 'embedding', index: 0, embedding: [3, 3.1, 3.2, 3.3].map(Math.fround) }]);
    expect([usage, answered]).toEqual([{ prompt_tokens: 7, total_tokens: 7 }, model]);
    expect(received.map(({ path, body }) => [path, body])).toEqual([
      ['/v1/embeddings', { model, input: ['abc'], encoding_format: 'base64', dimensions: DIMENSIONS }],
    ]);
  });

  test('in numbers that read back as the same float32', async () => {
    const { openai } = await start();
    const { data } = await openai.embeddings.create({ model, input: ['abc', 'd'], encoding_format: 'float' });
    expect(data.map(({ embedding }) => Float32Array.from(embedding))).toEqual([
      Float32Array.from([3, 3.1, 3.2, 3.3]),
      Float32Array.from([1, 1.1, 1.2, 1.3]),
    ]);
    expect(data.map(({ index }) => index)).toEqual([0, 1]);
  });

  test('with the dimensions and the user that it names', async () => {
    const { openai, received } = await start();
    const { data } = await openai.embeddings.create({ model, input: 'abc', dimensions: 2, user: 'u-1' });
    expect(data[0]?.embedding).toHaveLength(2);
    expect(received[0]?.body).toMatchObject({ dimensions: 2, user: 'u-1' });
  });

  test('of token ids, one list or many, as they are', async () => {
    const { openai, received } = await start();
    await openai.embeddings.create({ model, input: [5, 6, 7] });
    await openai.embeddings.create({ model, input: [[5], [6, 7]] });
    expect(received.map(({ body }) => body.input)).toEqual([[[5, 6, 7]], [[5], [6, 7]]]);
  });

  test('with its time, its cost and Server-Timing, as described, and without a run', async () => {
    const { openai, world } = await start();
    const answer: unknown = await openai.embeddings.create({ model, input: 'abc', encoding_format: 'float' });
    const { everytoken } = embeddingListSchema.parse(answer);
    expect(everytoken).toEqual({ timing: { e2e_ms: expect.any(Number) }, cost_usd: 1.4e-7 });
    expect(everytoken.timing.e2e_ms).toBeGreaterThan(0);
    const [response] = openai.answers;
    expect(response?.headers.get('server-timing')).toMatch(/^total;dur=/);
    expect(response?.headers.has('x-everytoken-run-id')).toBe(false);
    expect(world.runs.runs.size).toBe(0);
    const [line, ...others] = world.log.entries;
    expect([line?.event, others]).toEqual(['embeddings.answered', []]);
    expect(JSON.stringify(world.log.entries)).not.toContain('abc');
  });

  test('without usage and cost, where the server counts nothing', async () => {
    const { openai } = await start((response, { body }) => {
      const data = (body.input as string[]).map((_, index) => ({ index, embedding: [1, 2, 3, 4] }));
      json(response, 200, { object: 'list', data });
    });
    const answer: object = await openai.embeddings.create({ model, input: 'abc', encoding_format: 'float' });
    expect(answer).toMatchObject({ data: [{ embedding: [1, 2, 3, 4] }], everytoken: { cost_usd: null } });
    expect(answer).not.toHaveProperty('usage');
  });

  test("by OpenAI's names, too, where the local encoder answers", async () => {
    const { openai, received } = await start(embeds, { served: 'everytoken-use' });
    const answer = await openai.embeddings.create({ model: 'text-embedding-3-large', input: 'abc' });
    expect([answer.model, received[0]?.body.model]).toEqual(['everytoken-use', 'everytoken-use']);
  });

  test('after a retry of what a retry can mend', async () => {
    let asked = 0;
    const { openai } = await start((response, received) => {
      asked += 1;
      if (asked === 1) json(response, 503, { error: { message: 'busy' } });
      else embeds(response, received);
    });
    const { data } = await openai.embeddings.create({ model, input: 'abc' });
    expect([asked, data.length]).toEqual([2, 1]);
  });
});

describe('POST /v1/embeddings refuses before anything is sent', () => {
  const refused = async (body: object, more: Parameters<typeof start>[1] = {}) => {
    const { openai, received } = await start(embeds, more);
    const error = await errorOf(openai.embeddings.create({ model, ...body } as OpenAI.EmbeddingCreateParams));
    expect(received).toEqual([]);
    return error;
  };

  test.each<[string, object, string, RegExp]>([
    ['no input', {}, 'input', /is missing/],
    ['an empty text', { input: '' }, 'input', /must not be empty/],
    ['an empty text among others', { input: ['a', ''] }, 'input.1', /must not be empty/],
    ['an empty list', { input: [] }, 'input', /must not be empty/],
    ['an empty list of tokens', { input: [[1], []] }, 'input.1', /must not be empty/],
    ['a number', { input: 5 }, 'input', /must be a text, a list of texts/],
    ['null in place of a text', { input: [null] }, 'input.0', /must be a text/],
    ['tokens that are no ids', { input: [1.5] }, 'input', /token ids/],
    ['texts and tokens at once', { input: ['a', [1]] }, 'input', /not both/],
    ['broken Unicode', { input: '\ud800' }, 'input', /lone surrogate/],
    ['too many inputs', { input: Array(2_049).fill('a') }, 'input', /at most 2048/],
    ['too many tokens', { input: Array(300_001).fill(1) }, 'input', /300001 tokens/],
    ['another format', { input: 'a', encoding_format: 'int8' }, 'encoding_format', /float.*base64/],
    ['no dimensions', { input: 'a', dimensions: 0 }, 'dimensions', /at least 1/],
    ['an unknown field', { input: 'a', inputs: 'b' }, 'inputs', /not a known field/],
  ])('%s', async (_name, body, param, message) => {
    const error = await refused(body);
    expect([error.status, error.param]).toEqual([400, param]);
    expect(error.message).toMatch(message);
  });

  test('a model that does not embed here, and names the one that does', async () => {
    for (const unknown of ['gpt-6-luna', 'text-embedding-3-large']) {
      const error = await refused({ model: unknown, input: 'a' });
      expect(error).toBeInstanceOf(OpenAI.NotFoundError);
      expect([error.code, error.param]).toEqual(['model_not_found', 'model']);
      expect(error.message).toContain(model);
    }
  });

  test('more inputs than one answer holds, and says how many fit in which format', async () => {
    const large = { dimensions: 1_536 };
    const error = await refused({ input: Array(300).fill('a'), encoding_format: 'float' }, large);
    expect([error.status, error.param]).toEqual([400, 'input']);
    expect(error.message).toMatch(/holds 209 vectors of 1536 dimensions as float, 699 of them in base64/);
    expect((await refused({ input: Array(700).fill('a') }, large)).message).toMatch(/holds 699 vectors/);
  });

  test('a request that the budget of the day does not cover, which no client retries', async () => {
    const { openai, world, received } = await start();
    await world.budgets.set('local', { tokens: 10, costUsd: null });
    const error = await errorOf(openai.embeddings.create({ model, input: 'a text of many bytes' }));
    expect([error.status, error.code]).toEqual([429, 'over_budget']);
    expect(openai.answers[0]?.headers.get('x-should-retry')).toBe('false');
    expect(received).toEqual([]);
  });
});

describe('POST /v1/embeddings answers in OpenAI’s shape', () => {
  test.each<[string, number, object, { status: number; code: string; says: RegExp }]>([
    [
      'what the server says of the input, without the text',
      400,
      { error: { message: 'too long: a text of many bytes', param: 'input', code: null } },
      { status: 400, code: 'invalid_request', says: /answered 400: .*too long: …/ },
    ],
    [
      'a limit of the server',
      429,
      { error: { message: 'slow down', code: 'rate_limit_exceeded' } },
      { status: 429, code: 'rate_limited', says: /answered 429/ },
    ],
    [
      'its failure',
      500,
      { error: { message: 'broken' } },
      { status: 502, code: 'upstream_error', says: /500/ },
    ],
    [
      'a model that it does not have',
      404,
      { error: { message: 'no such model', code: 'model_not_found' } },
      { status: 500, code: 'embedding_model_not_found', says: /EMBEDDING_MODEL/ },
    ],
  ])('%s', async (_name, status, body, { status: answered, code, says }) => {
    const { openai, world } = await start((response) => json(response, status, body));
    const error = await errorOf(openai.embeddings.create({ model, input: 'a text of many bytes' }));
    expect([error.status, error.code]).toEqual([answered, code]);
    expect(error.message).toMatch(says);
    expect(JSON.stringify(world.log.entries)).not.toMatch(/many bytes|too long/);
  });

  test('dimensions that the model does not have, by their name', async () => {
    const { openai } = await start((response) =>
      json(response, 400, { error: { message: 'This model does not support specifying dimensions.' } }),
    );
    const error = await errorOf(openai.embeddings.create({ model, input: 'abc', dimensions: 3 }));
    expect([error.status, error.param]).toEqual([400, 'dimensions']);
  });

  test('vectors that are not as they must be', async () => {
    const { openai } = await start((response) =>
      json(response, 200, { data: [{ index: 0, embedding: [1, 2] }], usage: { prompt_tokens: 1 } }),
    );
    const error = await errorOf(openai.embeddings.create({ model, input: 'abc' }));
    expect([error.status, error.code]).toEqual([502, 'invalid_embedding']);
  });

  test('and nothing more is sent once the client has left', async () => {
    const leaving = new AbortController();
    const { app, received } = await start(() => leaving.abort());
    const body = { ...post({ model, input: 'abc' }), signal: leaving.signal };
    const response = await app.request('/v1/embeddings', body);
    expect([response.status, received.length]).toEqual([504, 1]);
  });
});
