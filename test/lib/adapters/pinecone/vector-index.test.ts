import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import {
  makePineconeIndex,
  type PineconeIndexOptions,
} from '../../../../lib/adapters/pinecone/vector-index.ts';
import { startPinecone } from '../../../../local/pinecone/server.ts';
import { CONTRACT_DIMENSION, vectorIndexContract } from '../../../contracts/vector-index.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const API_KEY = 'pcsk_test';

type Seen = { method: string; path: string; body: string };
type Answer = (request: Seen, response: ServerResponse) => boolean | Promise<boolean>;

/** A server in front of the local Pinecone that can answer instead; all other requests pass through. */
const startFront = async (answer: Answer = () => false) => {
  const local = await startPinecone({ file: ':memory:', apiKey: API_KEY });
  const seen: Seen[] = [];
  let url = '';
  const relay = async (incoming: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const request = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      body: Buffer.concat(chunks).toString(),
    };
    seen.push(request);
    if (await answer(request, response)) return;
    const headers = Object.entries(incoming.headers).flatMap(([name, value]) =>
      typeof value === 'string' && !['host', 'connection', 'content-length'].includes(name)
        ? [[name, value] as [string, string]]
        : [],
    );
    const answered = await fetch(local.url + request.path, {
      method: request.method,
      headers,
      ...(request.body ? { body: request.body } : {}),
    });
    // The host of an index is the local server's own; it must lead through the front.
    const body = (await answered.text()).replaceAll(local.url, url);
    response
      .writeHead(answered.status, { 'content-type': answered.headers.get('content-type') ?? 'text/plain' })
      .end(body);
  };
  const server = createServer(
    (incoming, response) => void relay(incoming, response).catch(() => response.destroy()),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
    await local.close();
  });
  return {
    url,
    seen,
    posts: (path: string) => seen.filter((each) => each.method === 'POST' && each.path.endsWith(path)),
  };
};

const open = (url: string, options: Partial<PineconeIndexOptions> = {}) =>
  makePineconeIndex({
    apiKey: API_KEY,
    controllerHost: url,
    indexName: 'autogen-text',
    dimension: 4,
    readyPollMs: 5,
    retry: { baseDelayMs: 2, maxDelayMs: 10 },
    ...options,
  });

const problem = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): true => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  return true;
};

const vector = (id: string) => ({
  id,
  values: new Float32Array([1, 0.1, 1 / 3, 0.5]),
  metadata: { text: id },
});

vectorIndexContract('Pinecone, through the SDK,', async () => {
  const local = await startPinecone({ file: ':memory:', apiKey: API_KEY });
  return {
    index: open(local.url, { dimension: CONTRACT_DIMENSION }),
    close: () => local.close(),
  };
});

describe('the Pinecone adapter finds its index', () => {
  test('creates a missing one once, also when the first ten calls are concurrent', async () => {
    const front = await startFront();
    const index = open(front.url);
    await Promise.all(Array.from({ length: 10 }, (_, at) => index.upsert('n', [vector(`v${at}`)])));
    expect(front.posts('/indexes')).toHaveLength(1);
    expect(JSON.parse(front.posts('/indexes')[0]?.body ?? '')).toEqual({
      name: 'autogen-text',
      deployment: { deployment_type: 'managed', cloud: 'aws', region: 'us-east-1' },
      schema: { fields: { _values: { type: 'dense_vector', dimension: 4, metric: 'cosine' } } },
    });
    expect(
      await index.fetch(
        'n',
        Array.from({ length: 10 }, (_, at) => `v${at}`),
      ),
    ).toHaveLength(10);
  });

  test('uses the one that ten other workers have just created', async () => {
    const front = await startFront();
    await Promise.all(Array.from({ length: 10 }, () => open(front.url).ensure()));
    await expect(open(front.url).upsert('n', [vector('a')])).resolves.toBeUndefined();
  });

  test('looks it up once for many calls', async () => {
    const front = await startFront();
    const index = open(front.url);
    await index.ensure();
    for (let at = 0; at < 5; at += 1) await index.query('n', new Float32Array([1, 0, 0, 0]), { topK: 1 });
    expect(front.seen.filter(({ path }) => path === '/indexes/autogen-text')).toHaveLength(1);
  });

  test('polls until a new one is ready, up to the limit', async () => {
    let unready = 0;
    const front = await startFront(
      ({ method }, response) =>
        method === 'GET' &&
        unready-- > 0 &&
        problem(response, 200, { ...described, status: { ready: false, state: 'Initializing' } }),
    );
    await open(front.url).ensure();
    const looked = () => front.seen.filter(({ method }) => method === 'GET').length;
    const before = looked();
    unready = 3;
    await open(front.url).ensure();
    expect(looked() - before).toBe(4);

    const never = await startFront(
      (request, response) =>
        request.method === 'GET' &&
        problem(response, 200, { ...described, status: { ready: false, state: 'Initializing' } }),
    );
    await expect(open(never.url, { readyTimeoutMs: 40 }).ensure()).rejects.toMatchObject({
      code: 'index_not_ready',
      retryable: true,
    });
  });

  test('refuses another dimension naming both numbers, and another metric by name', async () => {
    const front = await startFront();
    await open(front.url, { dimension: 8 }).ensure();
    const error = await open(front.url)
      .ensure()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'ConfigurationError', code: 'index_dimension_mismatch' });
    expect(String(error)).toMatch(/has 8 dimensions.* gives 4/);

    const euclidean = await startFront(
      (request, response) =>
        request.method === 'GET' &&
        problem(response, 200, {
          ...described,
          schema: { fields: { _values: { type: 'dense_vector', dimension: 4, metric: 'euclidean' } } },
        }),
    );
    await expect(open(euclidean.url).ensure()).rejects.toMatchObject({
      code: 'index_metric_mismatch',
      message: expect.stringContaining('euclidean'),
    });
  });

  test('looks it up again when its host has changed', async () => {
    const front = await startFront();
    const index = open(front.url);
    await index.upsert('n', [vector('a')]);
    await fetch(`${front.url}/indexes/autogen-text`, {
      method: 'DELETE',
      headers: { 'api-key': API_KEY, 'x-pinecone-api-version': '2026-07' },
    });
    await index.upsert('n', [vector('b')]);
    expect((await index.fetch('n', ['a', 'b'])).map(({ id }) => id)).toEqual(['b']);
  });
});

const described = {
  name: 'autogen-text',
  host: 'http://127.0.0.1:1',
  status: { ready: true, state: 'Ready' },
  deployment: { deployment_type: 'managed', cloud: 'aws', region: 'us-east-1' },
  schema: { fields: { _values: { type: 'dense_vector', dimension: 4, metric: 'cosine' } } },
  deletion_protection: 'disabled',
  tags: null,
};

describe('the Pinecone adapter, on failures', () => {
  const failing = (times: number, fail: (response: ServerResponse) => true): Answer => {
    let left = times;
    return ({ path }, response) => path.endsWith('/vectors/upsert') && left-- > 0 && fail(response);
  };

  test.each([
    [
      '429',
      (response: ServerResponse) =>
        problem(response, 429, { code: 8, message: 'slow down' }, { 'retry-after': '0' }),
    ],
    ['503', (response: ServerResponse) => problem(response, 503, { code: 14, message: 'unavailable' })],
    [
      'a reset',
      (response: ServerResponse): true => {
        response.destroy();
        return true;
      },
    ],
    [
      'an answer that breaks off',
      (response: ServerResponse): true => {
        response.writeHead(200, { 'content-length': '100' }).write('{"upserted');
        response.destroy();
        return true;
      },
    ],
    [
      'an answer that is no JSON',
      (response: ServerResponse): true => {
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
        return true;
      },
    ],
  ])('retries a write after %s, under the same ids', async (_name, fail) => {
    const front = await startFront(failing(2, fail));
    const index = open(front.url);
    await index.upsert('n', [vector('a')]);
    const bodies = front.posts('/vectors/upsert').map(({ body }) => body);
    expect(bodies).toHaveLength(3);
    expect(new Set(bodies).size).toBe(1);
    expect(await index.fetch('n', ['a'])).toHaveLength(1);
  });

  test('gives up after its attempts and reports Pinecone’s answer', async () => {
    const front = await startFront(
      failing(99, (response) => problem(response, 429, { code: 8, message: 'quota of writes' })),
    );
    const index = open(front.url, { retry: { attempts: 3, baseDelayMs: 1 } });
    await expect(index.upsert('n', [vector('a')])).rejects.toMatchObject({
      service: 'pinecone',
      code: 'rate_limited',
      status: 429,
      retryable: true,
      message: expect.stringContaining('quota of writes'),
    });
    expect(front.posts('/vectors/upsert')).toHaveLength(3);
  });

  test('does not wait beyond its deadline for a Retry-After, and passes it on', async () => {
    const front = await startFront(
      failing(99, (response) => problem(response, 429, {}, { 'retry-after': '3600' })),
    );
    await expect(open(front.url).upsert('n', [vector('a')])).rejects.toMatchObject({
      status: 429,
      retryAfterMs: 3_600_000,
    });
    expect(front.posts('/vectors/upsert')).toHaveLength(1);
  });

  test('times out on a request that is never answered', async () => {
    const front = await startFront(({ path }) => path.endsWith('/query'));
    const index = open(front.url, { timeoutMs: 60, retry: { attempts: 2, baseDelayMs: 1 } });
    await index.ensure();
    await expect(index.query('n', new Float32Array(4).fill(1), { topK: 1 })).rejects.toMatchObject({
      service: 'pinecone',
      code: 'timeout',
    });
  });

  test('names Pinecone when the key is refused, and does not retry', async () => {
    for (const status of [401, 403]) {
      const front = await startFront((_request, response) =>
        problem(response, status, { error: { code: 'X', message: 'no access' }, status }),
      );
      await expect(open(front.url).ensure()).rejects.toMatchObject({
        name: 'ConfigurationError',
        message: expect.stringMatching(/Pinecone.*PINECONE_API_KEY/),
      });
      expect(front.seen).toHaveLength(1);
    }
  });

  test('reports a server that is not Pinecone, without quoting it', async () => {
    const front = await startFront((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>words of its own');
      return true;
    });
    const index = open(front.url, { retry: { attempts: 2, baseDelayMs: 1 } });
    await expect(index.ensure()).rejects.toMatchObject({
      service: 'pinecone',
      code: 'upstream_error',
      message: expect.not.stringContaining('words'),
    });
  });

  test('reports that Pinecone cannot be reached', async () => {
    const index = open('http://127.0.0.1:1', { retry: { attempts: 2, baseDelayMs: 1 } });
    await expect(index.ensure()).rejects.toMatchObject({
      service: 'pinecone',
      code: 'unreachable',
      retryable: true,
    });
  });

  test('keeps every upsert within 2 MB of JSON', async () => {
    const front = await startFront();
    const index = open(front.url, { dimension: 1536 });
    const records = Array.from({ length: 200 }, (_, at) => ({
      id: `run_1#${at}#0`,
      values: Float32Array.from({ length: 1536 }, (_unused, axis) => Math.sin(at * 1536 + axis) / 40),
      metadata: { text: '\u0001"é'.repeat(150) },
    }));
    await index.upsert('n', records);
    const sizes = front.posts('/vectors/upsert').map(({ body }) => Buffer.byteLength(body));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2_000_000);
    // As few as the limit allows: no two of them would fit into one.
    expect(sizes.length).toBe(Math.ceil(sizes.reduce((sum, size) => sum + size) / 2_000_000));
    expect(await index.fetch('n', ['run_1#199#0'])).toEqual([records[199]]);
  });
});
