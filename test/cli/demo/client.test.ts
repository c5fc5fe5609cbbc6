import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { followRun, makeApiClient, readRun } from '../../../cli/demo/client.ts';
import { makeGeneration } from '../../factories/generation.ts';

let close = () => {};
afterEach(() => close());

const serve = async (
  answer: (path: string, response: ServerResponse, key?: string) => void,
): Promise<string> => {
  const server = createServer((request, response) => {
    request.resume();
    answer(request.url ?? '', response, request.headers.authorization);
  }).listen(0, '127.0.0.1');
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const event = (name: string, data: unknown) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const token = (index: number, text: string) =>
  event('generation.token', { index, text, t_ms: 1, tokens: null });
const stream = { stream: true };

test('texts grow by their tokens, a restart clears them, and bytes may be split anywhere', async () => {
  const bytes = Buffer.from(
    event('run.created', { id: 'run_1' }) +
      token(0, 'A ') +
      token(1, '向') +
      event('generation.restarted', { index: 0, attempt: 2 }) +
      token(0, 'B') +
      ': still here\n\n' +
      event('generation.completed', makeGeneration()) +
      event('run.completed', { id: 'run_1' }),
  );
  const api = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const cut = bytes.indexOf('向') + 1;
    response.write(bytes.subarray(0, cut), () => response.end(bytes.subarray(cut)));
  });
  const events: unknown[] = [];
  const id = await followRun(makeApiClient(api), stream, {
    onText: (index, text) => events.push([index, text]),
    onEnded: (count) => events.push(count),
  });
  expect(id).toBe('run_1');
  expect(events).toEqual([[0, 'A '], [1, '向'], [0, ''], [0, 'B'], 1]);
});

test("an error has the API's problem detail, in an answer as well as in the stream", async () => {
  const problem = { code: 'model_not_found', detail: 'there is no such model', status: 502 };
  const api = await serve((path, response) => {
    if (path === '/runs') response.end(event('run.created', { id: 'run_1' }) + event('error', problem));
    else response.writeHead(404).end(JSON.stringify({ code: 'not_found', detail: 'no such run' }));
  });
  const client = makeApiClient(api);
  await expect(followRun(client, stream, {})).rejects.toThrow(
    'POST /runs: there is no such model (model_not_found)',
  );
  await expect(readRun(client, 'run_2')).rejects.toThrow('GET /runs/run_2: no such run (not_found)');
});

test('a run or a generation that has failed is an error with its reason', async () => {
  const error = { code: 'rate_limited', message: 'too many requests' };
  const api = await serve((path, response) => {
    const failed = { ...makeGeneration({ label: 'Top-k 40', text: null }), error };
    const run = path.endsWith('run_1') ? { error, generations: [] } : { error: null, generations: [failed] };
    response.end(JSON.stringify(run));
  });
  const client = makeApiClient(api);
  await expect(readRun(client, 'run_1')).rejects.toThrow(
    'run run_1 failed: too many requests (rate_limited)',
  );
  await expect(readRun(client, 'run_2')).rejects.toThrow("'Top-k 40' failed: too many requests");
});

test('a key is sent as a bearer token, and a missing answer is an error with its reason', async () => {
  const api = await serve((_, response, key) => response.end(JSON.stringify({ key })));
  expect(await makeApiClient(api, 's:ecret').get('/')).toEqual({ key: 'Bearer s:ecret' });
  close();
  await expect(makeApiClient(api).get('/health')).rejects.toThrow('GET /health got no answer (ECONNREFUSED)');
});
