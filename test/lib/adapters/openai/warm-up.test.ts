import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { makeOpenAIModel } from '../../../../lib/adapters/openai/model.ts';
import { warmUpModel } from '../../../../lib/adapters/openai/warm-up.ts';
import { systemClock, systemReadings } from '../../../../lib/adapters/system.ts';
import { DEFAULT_RETRY_POLICY } from '../../../../lib/generate/retry-policy.ts';
import { answerOf, EVENT_STREAM } from './model-server.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const warmUp = (baseURL: string) => warmUpModel({ baseURL, clock: systemClock, readings: systemReadings });

const startServer = async () => {
  const received: { method: string | undefined; url: string | undefined; key: string | undefined }[] = [];
  const server = createServer((request, response) => {
    received.push({ method: request.method, url: request.url, key: request.headers.authorization });
    request.resume();
    if (request.method === 'OPTIONS') response.writeHead(405).end('{"error":{"message":"not allowed"}}');
    else response.writeHead(200, EVENT_STREAM).end(answerOf('Hello', ' you'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, received };
};

test('a warm-up opens the connection that the first generation takes, by a request without a key', async () => {
  const { baseURL, received } = await startServer();
  await warmUp(baseURL);
  expect(received).toEqual([{ method: 'OPTIONS', url: '/v1/chat/completions', key: undefined }]);
  const model = makeOpenAIModel({ apiKey: 'key', baseURL, clock: systemClock });
  const { text, connectMs } = await model.stream(
    { model: 'any', messages: [{ role: 'user', content: 'Hello' }], body: {} },
    { deadlines: DEFAULT_RETRY_POLICY, signal: new AbortController().signal },
  );
  expect(text).toBe('Hello you');
  expect(connectMs).toBe(0);
});

test.each(['http://127.0.0.1:9/v1', 'http://nowhere.invalid/v1', 'no address'])(
  'a warm-up for the server %s, which cannot be reached, is silent',
  async (baseURL) => {
    await expect(warmUp(baseURL)).resolves.toBeUndefined();
  },
);

test('a warm-up ends though the server does not answer', async () => {
  const server = createTcpServer((socket) => closers.push(() => socket.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  await expect(warmUp(`http://127.0.0.1:${port}/v1`)).resolves.toBeUndefined();
});
