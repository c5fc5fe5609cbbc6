import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { composeEmbedder } from '../../../functions/compose/embedder.ts';
import { composeVectors } from '../../../functions/compose/vectors.ts';
import { configurationOf } from '../../../lib/adapters/settings/configuration.ts';
import { startPinecone } from '../../../local/pinecone/server.ts';
import { startParameterStore } from '../../reliability/parameter-store.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Embeddings and Pinecone behind one address that accepts `new-key` alone; `refused` counts the refused requests. */
const startServices = async () => {
  const local = await startPinecone({ file: ':memory:' });
  let refused = 0;
  const server = createServer(async (incoming, response) => {
    let text = '';
    for await (const part of incoming) text += part;
    const { authorization, 'api-key': apiKey } = incoming.headers;
    const say = (status: number, body: string) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    if (authorization !== 'Bearer new-key' && apiKey !== 'new-key') {
      refused += 1;
      return say(401, '{"error":{"message":"no such key"},"message":"no such key"}');
    }
    if (incoming.url === '/v1/embeddings') return say(200, '{"data":[{"index":0,"embedding":[1,2,3,4]}]}');
    const answered = await fetch(local.url + incoming.url, {
      method: incoming.method ?? 'GET',
      headers: { 'content-type': 'application/json', 'api-key': local.apiKey },
      ...(text === '' ? {} : { body: text }),
    });
    return say(answered.status, (await answered.text()).replaceAll(local.url, url));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  closing.push(local.close, () => {
    server.closeAllConnections();
    server.close();
  });
  return { url, refused: () => refused };
};

const configured = (url: string) =>
  configurationOf({
    TABLE_NAME: 'table',
    CONTENT_BUCKET: 'bucket',
    BUS_NAME: 'bus',
    JOBS_QUEUE_URL: 'http://127.0.0.1/jobs',
    INTAKE_QUEUE_URL: 'http://127.0.0.1/intake',
    EMBEDDING_BASE_URL: `${url}/v1`,
    EMBEDDING_API_KEY_PARAMETER: '/everytoken/key',
    EMBEDDING_DIMENSIONS: '4',
    PINECONE_API_KEY_PARAMETER: '/everytoken/key',
    PINECONE_CONTROLLER_HOST: url,
  });

type Call = (url: string) => () => Promise<unknown>;

describe.each<[string, Call]>([
  [
    'embeddings',
    (url) => {
      const { embed } = composeEmbedder(configured(url));
      return () => embed(['text']);
    },
  ],
  [
    'Pinecone',
    (url) => {
      const { fetch: read } = composeVectors(configured(url));
      return () => read('namespace', ['id']);
    },
  ],
])('the key of %s, named by a parameter', (_, use) => {
  test('is read once for many calls, and again when it is refused', async () => {
    const { url, refused } = await startServices();
    const store = await startParameterStore(['old-key', 'new-key']);
    closing.push(store.close);
    const call = use(url);
    await call();
    await call();
    expect(store.read).toEqual(Array(2).fill({ Name: '/everytoken/key', WithDecryption: true }));
    expect(refused()).toBe(1);
  });

  test('that is unchanged after a refusal is a configuration error, without another try', async () => {
    const { url, refused } = await startServices();
    const store = await startParameterStore(['old-key']);
    closing.push(store.close);
    await expect(use(url)()).rejects.toMatchObject({ name: 'ConfigurationError', retryable: false });
    expect([store.read.length, refused()]).toEqual([2, 1]);
  });
});
