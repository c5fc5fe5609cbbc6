import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { makeModelCheck, makeOpenAIModelList } from '../../../../lib/adapters/openai/model-list.ts';
import { makeCheckHealth } from '../../../../lib/operate/check-health.ts';
import { memoryLog, stillClock } from '../../../fixtures/http.ts';
import { startModelServer } from './model-server.ts';

type Server = Awaited<ReturnType<typeof startModelServer>>;
const started: Server[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.close()));
});
const clock = { now: () => Date.now(), monotonic: () => performance.now() };

const listFrom = async (answer: (response: ServerResponse) => void, provider?: string) => {
  const server = await startModelServer(answer);
  started.push(server);
  const list = makeOpenAIModelList({ apiKey: 'sk-secret', baseURL: server.baseURL, clock, provider });
  return { list, server };
};
const say =
  (body: unknown, status = 200) =>
  (response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
const never = new AbortController().signal;

describe("a server's list of models", () => {
  test('is read with ids, owners and retirement dates', async () => {
    const { list, server } = await listFrom(
      say({
        object: 'list',
        data: [
          { id: 'a', owned_by: 'vllm' },
          { id: 'b', shutdown_date: '2027-01-14' },
          { id: 'c', shutdown_date: 1_799_884_800 },
          { id: 'd', shutdown_date: 'soon', owned_by: 5 },
          { id: 'e', shutdown_date: 1e300 },
          { id: '' },
          { name: 'f' },
          null,
        ],
      }),
    );
    expect(await list(never)).toEqual([
      { id: 'a', ownedBy: 'vllm', shutdownDate: null },
      { id: 'b', ownedBy: null, shutdownDate: '2027-01-14' },
      { id: 'c', ownedBy: null, shutdownDate: '2027-01-14' },
      { id: 'd', ownedBy: null, shutdownDate: null },
      { id: 'e', ownedBy: null, shutdownDate: null },
    ]);
    expect(server.received).toMatchObject([
      { path: '/v1/models', headers: { authorization: 'Bearer sk-secret' } },
    ]);
  });

  test('may be a bare array', async () => {
    const { list } = await listFrom(say([{ id: 'a' }]));
    expect(await list(never)).toEqual([{ id: 'a', ownedBy: null, shutdownDate: null }]);
  });

  test.each([['{"data":'], ['{}'], ['"models"'], ['null']])('cannot be %s', async (text) => {
    const { list } = await listFrom(say(text));
    await expect(list(never)).rejects.toMatchObject({ code: 'upstream_error' });
  });

  test('that is refused gives an error that names the key setting, without the key', async () => {
    const { list } = await listFrom(say({ error: { message: 'no: sk-secret' } }, 401), 'groq');
    const error: Error = await list(never).then(
      () => new Error('it was given'),
      (refused) => refused,
    );
    expect(error).toMatchObject({ code: 'configuration' });
    expect(error.message).toContain("groq's key in PROVIDERS");
    expect(error.message).not.toContain('sk-secret');
  });

  test('whose key cannot be sent gives an error that names the key, without its value', async () => {
    const list = makeOpenAIModelList({ apiKey: 'sk-secret\nline', baseURL: 'http://127.0.0.1:9/v1', clock });
    const error: Error = await list(never).then(
      () => new Error('it was given'),
      (refused) => refused,
    );
    expect(error).toMatchObject({ code: 'configuration' });
    expect(error.message).toContain('OPENAI_API_KEY');
    expect(error.message).not.toContain('secret');
  });

  test('is not awaited after the signal aborts', async () => {
    const { list } = await listFrom(() => {});
    await expect(list(AbortSignal.timeout(20))).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

/** The health of a server that answers with this status and repeats the key, and its log. */
const healthOf = async (status: number, key: string) => {
  const server = await startModelServer((response, { headers }) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ object: 'list', data: [], error: { message: `no: ${headers.authorization}` } }),
    );
  });
  started.push(server);
  const openai = makeModelCheck({ baseUrl: server.baseURL, apiKey: { value: key } });
  const log = memoryLog();
  const health = await makeCheckHealth({ openai }, { clock: stillClock, log })();
  return { health, lines: log.lines };
};

describe('the check of the model server', () => {
  test('passes when the server returns its models', async () => {
    const { health, lines } = await healthOf(200, 'sk-secret');
    expect([health.status, lines]).toEqual(['ok', []]);
  });

  test.each([
    ['that is refused', 401, 'sk-secret'],
    ['that a header cannot hold', 200, 'sk-secret\nsecond line'],
  ])('logs that it failed, and never the key %s', async (_, status, key) => {
    const { health, lines } = await healthOf(status, key);
    expect(health.status).toBe('down');
    expect(lines).toMatchObject([{ code: 'upstream_error', cause: expect.any(String) }]);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });
});
