import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { makeOpenAIEmbedder, type OpenAIEmbedderOptions } from '../../../../lib/adapters/openai/embedder.ts';

type Asked = { model: string; input: string[]; encoding_format?: string; dimensions?: number };
type Answer = (asked: Asked, response: ServerResponse, nth: number) => void;

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const start = async (answer: Answer) => {
  const seen: { path: string; key: string; body: Asked }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body: Asked = JSON.parse(Buffer.concat(chunks).toString());
    seen.push({ path: request.url ?? '', key: request.headers.authorization ?? '', body });
    answer(body, response, seen.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, seen };
};

const json = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};
const base64 = (values: number[]) => Buffer.from(Float32Array.from(values).buffer).toString('base64');
const list = ({ input, model }: Asked, embed: (text: string) => unknown) => ({
  object: 'list',
  model,
  data: input.map((text, index) => ({ object: 'embedding', index, embedding: embed(text) })),
  usage: { prompt_tokens: input.length * 2, total_tokens: input.length * 2 },
});
const works: Answer = (asked, response) =>
  json(
    response,
    200,
    list(asked, (text) => base64([text.length, 0.1])),
  );

const open = (baseUrl: string, options: Partial<OpenAIEmbedderOptions> = {}) =>
  makeOpenAIEmbedder({
    apiKey: 'sk-test',
    baseUrl,
    model: 'text-embedding-3-small',
    dimensions: 2,
    ...options,
    retry: { baseDelayMs: 2, maxDelayMs: 10, ...options.retry },
  });

describe('the embedder asks an OpenAI-compatible server', () => {
  test('for all texts in one request, and decodes base64 as float32', async () => {
    const { url, seen } = await start(works);
    const { vectors, tokens } = await open(url).embed(['a', 'bcd']);
    expect(vectors).toEqual([Float32Array.from([1, 0.1]), Float32Array.from([3, 0.1])]);
    expect(tokens).toBe(4);
    expect(seen).toEqual([
      {
        path: '/v1/embeddings',
        key: 'Bearer sk-test',
        body: {
          model: 'text-embedding-3-small',
          input: ['a', 'bcd'],
          encoding_format: 'base64',
          dimensions: 2,
        },
      },
    ]);
  });

  test.each([
    ['text-embedding-3-large', true],
    ['everytoken-use', true],
    ['text-embedding-ada-002', false],
    ['nomic-embed-text', false],
  ])('and sends to %s these dimensions: %s', async (model, said) => {
    const { url, seen } = await start(works);
    await open(url, { model }).embed(['a']);
    expect('dimensions' in (seen[0]?.body ?? {})).toBe(said);
  });

  test('and reads plain numbers, in any order, without usage', async () => {
    const { url } = await start((asked, response) => {
      const { data } = list(asked, (text) => [text.length, null]);
      json(response, 200, { object: 'list', data: data.toReversed() });
    });
    expect(await open(url).embed(['a', 'bcd'])).toEqual({
      // A null becomes NaN, not 0, so that it is noticed.
      vectors: [Float32Array.from([1, Number.NaN]), Float32Array.from([3, Number.NaN])],
      tokens: null,
    });
  });
});

describe('the embedder retries', () => {
  test.each<[string, Answer]>([
    [
      '429',
      (_asked, response) =>
        json(
          response,
          429,
          { error: { message: 'slow', code: 'rate_limit_exceeded' } },
          { 'retry-after': '0' },
        ),
    ],
    ['500', (_asked, response) => json(response, 500, { error: { message: 'oops' } })],
    [
      'a reset',
      (_asked, response) => {
        response.destroy();
      },
    ],
    [
      'an answer that breaks off',
      (_asked, response) => {
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': '500' })
          .write('{"data":[');
        response.destroy();
      },
    ],
    [
      'an answer that is not JSON',
      (_asked, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end('<html>');
      },
    ],
    [
      'a vector too few',
      (asked, response) => json(response, 200, { ...list(asked, () => base64([1, 1])), data: [] }),
    ],
  ])('after %s', async (_name, fail) => {
    const { url, seen } = await start((asked, response, nth) =>
      (nth <= 2 ? fail : works)(asked, response, nth),
    );
    expect((await open(url).embed(['a'])).vectors).toHaveLength(1);
    expect(seen).toHaveLength(3);
  });

  test('up to its limit, and then reports the last failure', async () => {
    const { url, seen } = await start((_asked, response) => json(response, 503, {}));
    await expect(open(url, { retry: { attempts: 3 } }).embed(['a'])).rejects.toMatchObject({
      name: 'UpstreamError',
      service: 'embeddings',
      status: 503,
      retryable: true,
    });
    expect(seen).toHaveLength(3);
  });

  test('not at all when the requested wait would pass the deadline', async () => {
    const { url, seen } = await start((_asked, response) =>
      json(response, 429, {}, { 'retry-after': '3600' }),
    );
    await expect(open(url).embed(['a'])).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfterMs: 3_600_000,
    });
    expect(seen).toHaveLength(1);
  });

  test('not without quota, nor when the request itself is refused', async () => {
    for (const [status, code] of [
      [429, 'insufficient_quota'],
      [400, 'invalid_request'],
    ] as const) {
      const { url, seen } = await start((_asked, response) =>
        json(response, status, { error: { message: 'no', code } }),
      );
      await expect(open(url).embed(['a'])).rejects.toMatchObject({
        service: 'embeddings',
        status,
        retryable: false,
      });
      expect(seen).toHaveLength(1);
    }
  });

  test('not after the caller has aborted', async () => {
    const leaving = new AbortController();
    const { url, seen } = await start(() => leaving.abort());
    await expect(open(url).embed(['a'], leaving.signal)).rejects.toMatchObject({ service: 'embeddings' });
    expect(seen).toHaveLength(1);
  });

  test('until its attempts are used up when each of them times out', async () => {
    const { url } = await start((_asked, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{');
    });
    await expect(open(url, { timeoutMs: 50, retry: { attempts: 2 } }).embed(['a'])).rejects.toMatchObject({
      code: 'timeout',
      retryable: true,
    });
  });
});

test('waits longer for the vectors of more text', async () => {
  const { url } = await start((asked, response) => {
    setTimeout(() => works(asked, response, 1), 150);
  });
  const embedder = open(url, { timeoutMs: 50, retry: { attempts: 1, deadlineMs: 50 } });
  await expect(embedder.embed(['a'])).rejects.toMatchObject({ code: 'timeout' });
  await expect(embedder.embed(['a'.repeat(1_000), 'b'.repeat(1_000)])).resolves.toMatchObject({ tokens: 4 });
});

describe('the embedder names the setting to correct', () => {
  test.each<[string, number, unknown, RegExp]>([
    [
      'a refused key',
      401,
      { error: { message: 'Incorrect API key provided: sk-...test' } },
      /refused the key.*EMBEDDING_API_KEY/,
    ],
    [
      "a refused key, in Gemini's words",
      400,
      [{ error: { code: 400, message: 'API key not valid. Please pass a valid API key.' } }],
      /refused the key.*EMBEDDING_API_KEY/,
    ],
    [
      'a model the server does not have',
      404,
      { error: { message: 'The model `x` does not exist', code: 'model_not_found' } },
      /text-embedding-3-small.*EMBEDDING_MODEL/,
    ],
    [
      "a model it does not have, in Ollama's words",
      404,
      { error: { message: 'model "x" not found, try pulling it first' } },
      /EMBEDDING_MODEL/,
    ],
    ['a server without embeddings', 404, { detail: 'Not Found' }, /no embeddings.*EMBEDDING_BASE_URL/],
    [
      "a server without embeddings, in llama.cpp's words",
      501,
      { error: { message: 'This server does not support embeddings.' } },
      /EMBEDDING_BASE_URL/,
    ],
    [
      "a server without embeddings, in vLLM's words",
      400,
      { error: { message: 'The model does not support Embeddings API' } },
      /EMBEDDING_BASE_URL/,
    ],
  ])('for %s', async (_name, status, body, message) => {
    const { url, seen } = await start((_asked, response) => json(response, status, body));
    const error = await open(url)
      .embed(['a'])
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'ConfigurationError',
      retryable: false,
      message: expect.stringMatching(message),
    });
    expect(String(error)).not.toContain('sk-');
    expect(seen).toHaveLength(1);
  });

  test('for a server that cannot be reached', async () => {
    await expect(
      open('http://127.0.0.1:1/v1', { retry: { attempts: 2 } }).embed(['a']),
    ).rejects.toMatchObject({
      code: 'unreachable',
      retryable: true,
      message: expect.stringContaining('http://127.0.0.1:1'),
    });
  });
});
