import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { streamAnswer } from '../../../../local/aws/gateway/streamed-answer.ts';
import { type HttpListener, listen } from '../../../../local/http.ts';

let listener: HttpListener;
afterEach(() => listener.close());

/** A response under way and the client's side of it, paused. */
const exchange = async (): Promise<{ response: ServerResponse; client: Promise<IncomingMessage> }> => {
  const arrived = Promise.withResolvers<ServerResponse>();
  listener = await listen(
    createServer((_, response) => arrived.resolve(response)),
    0,
  );
  const client = new Promise<IncomingMessage>((resolve, reject) =>
    get(listener.url, resolve).on('error', reject),
  );
  client.catch(() => {}); // a test may end before there is an answer
  return { response: await arrived.promise, client };
};

const prelude = Buffer.concat([Buffer.from('{"statusCode":200}'), Buffer.alloc(8)]);
const block = Buffer.alloc(1024 * 1024, 'x');

test('a reader that reads nothing is dropped, and the function continues', async () => {
  const { response, client } = await exchange();
  const answer = streamAnswer(response, 'id', 50);
  await answer.write(prelude);
  const paused = await client;
  paused.on('error', () => {});
  for (let i = 0; i < 32; i += 1) await answer.write(block); // far more than the sockets and 1 MiB hold
  expect(response.destroyed).toBe(true);
  answer.end();
});

test('many small writes wait together for one drain event', async () => {
  const { response, client } = await exchange();
  const answer = streamAnswer(response, 'id');
  await answer.write(prelude);
  const paused = await client;
  for (let i = 0; i < 16; i += 1) void answer.write(block);
  const small = Array.from({ length: 100 }, () => answer.write(Buffer.from('y')));
  expect(response.listenerCount('drain')).toBeLessThan(5);
  paused.resume();
  await Promise.all(small); // the reader reads everything, and every write resolves
  answer.end();
});

test('a prelude may arrive in pieces, with the first body bytes in the last piece', async () => {
  const { response, client } = await exchange();
  const answer = streamAnswer(response, 'id');
  for (const byte of prelude.subarray(0, -1)) await answer.write(Buffer.from([byte]));
  expect(answer.begun()).toBe(false);
  await answer.write(Buffer.concat([prelude.subarray(-1), Buffer.from('a\0\0\0\0\0\0\0\0b')]));
  answer.end();
  const chunks = await (await client).toArray();
  expect(Buffer.concat(chunks).toString()).toBe('a\0\0\0\0\0\0\0\0b');
});

test.each(['{"statusCode":99}', 'no json', '{"headers":{"x":"a\\nb"}}'])(
  'the prelude %s is malformed',
  async (json) => {
    const { response } = await exchange();
    const answer = streamAnswer(response, 'id');
    await answer.write(Buffer.concat([Buffer.from(json), Buffer.alloc(8)]));
    expect([answer.malformed(), answer.begun()]).toEqual([true, false]);
  },
);
