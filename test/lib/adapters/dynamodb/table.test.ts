import { createServer, type RequestListener } from 'node:http';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, test, vi } from 'vitest';
import { makeDynamoDB, makeDynamoDBOnce } from '../../../../lib/adapters/dynamodb/table.ts';
import { listen } from '../../../../local/http.ts';

const ITEM = '{"Item":{"pk":{"S":"RUN#1"}}}';
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  for (const close of closing.splice(0)) await close();
});

const serve = async (answer: RequestListener) => {
  const { url, close } = await listen(createServer(answer), 0);
  closing.push(close);
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', url);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
};

/** A DynamoDB whose first answers break off in the middle, with status 200. */
const serveBroken = async (broken: number) => {
  let calls = 0;
  await serve((request, response) => {
    calls += 1;
    const body = calls <= broken ? ITEM.slice(0, 12) : ITEM;
    request
      .resume()
      .on('end', () => response.setHeader('content-type', 'application/x-amz-json-1.0').end(body));
  });
  return { calls: () => calls };
};

const get = new GetItemCommand({ TableName: 't', Key: { pk: { S: 'RUN#1' } } });

test('an answer that breaks off in the middle is requested again', async () => {
  const { calls } = await serveBroken(2);
  expect((await makeDynamoDB().send(get)).Item).toEqual({ pk: { S: 'RUN#1' } });
  expect(calls()).toBe(3);
});

test('an answer that keeps breaking off is an error after four attempts', async () => {
  const { calls } = await serveBroken(99);
  await expect(makeDynamoDB().send(get)).rejects.toThrow(SyntaxError);
  expect(calls()).toBe(4);
});

test('a write that must not be applied twice is never retried', async () => {
  const { calls } = await serveBroken(99);
  await expect(makeDynamoDBOnce().send(get)).rejects.toThrow(SyntaxError);
  expect(calls()).toBe(1);
});

test('a service that accepts a request and never answers times out after ten seconds', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const arrived = Promise.withResolvers<void>();
  await serve(() => arrived.resolve());
  const answer = makeDynamoDBOnce().send(get);
  await arrived.promise;
  vi.advanceTimersByTime(10_000);
  await expect(answer).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('a service whose answer stops in the middle times out after ten seconds without data', async () => {
  await serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': ITEM.length });
    response.write(ITEM.slice(0, 12));
  });
  const answer = makeDynamoDBOnce({ silenceMs: 100 }).send(get);
  await expect(answer).rejects.toMatchObject({ name: 'TimeoutError' });
});
