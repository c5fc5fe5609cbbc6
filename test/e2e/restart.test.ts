import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pollUntil } from '../../tools/poll-until.ts';
import { clientOf } from './everytoken-client.ts';
import { type ModelServer, startModelServer } from './model-server.ts';
import { membersOf, stillRunning } from './process-table.ts';
import { pineconeOf } from './stack-clients.ts';
import {
  endAll,
  freePort,
  type RunningStack,
  root,
  runStack,
  spawnStack,
  temporaryFolder,
} from './stack-process.ts';

// The steps build on each other. A lease lasts a minute: while that of the killed stack runs out, the other stack, with
// callers of its own, is stopped and started again and again.
const dataDir = temporaryFolder();
const otherDir = temporaryFolder();
const SECRET_A = 'the-secret-of-a-0123';
const SECRET_B = 'the-secret-of-b-0123';
const keys = { EVERYTOKEN_API_KEYS: `a:${SECRET_A},b:${SECRET_B}` };
const fast = { max_tokens: 12, extra_body: { pace: 0 } };
const team = randomUUID();
let stack: RunningStack;
let other: RunningStack;
let firstId = '';
let killedId = '';
let keptId = '';
let models: ModelServer;

beforeAll(async () => {
  stack = await runStack(dataDir);
  models = await startModelServer({ models: ['gpt-6-luna'], dimensions: 1536 });
});
afterAll(async () => {
  endAll();
  await models?.close();
});

const addressesOf = ({ file }: RunningStack): string[] => [
  file.api,
  file.openai,
  file.pinecone,
  file.dynamodb,
  file.s3,
  file.sqs,
  file.events,
];

const isOpen = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(address);
    const socket = createConnection({ host: hostname, port: Number(port) });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
const openOf = async (addresses: string[]): Promise<string[]> => {
  const open = await Promise.all(addresses.map(isOpen));
  return addresses.filter((_, at) => open[at]);
};

const packages = () => {
  const folder = join(root, 'node_modules/.cache/everytoken/packages');
  return readdirSync(folder)
    .filter((name) => /^[0-9a-f]{24}$/.test(name))
    .sort();
};

describe('kill -9 with a background run in flight', () => {
  test('ends every process of the stack', async () => {
    const api = clientOf(stack.file.api);
    firstId = (await api.run({ prompt: 'Explain vector indexes.', ...fast, metadata: { team } })).body.id;
    await api.completed(firstId);
    const body = { prompt: 'Explain leases.', max_tokens: 60, extra_body: { pace: 15 }, background: true };
    killedId = (await api.run(body)).body.id;
    const isBegun = async () => (await api.get(`/runs/${killedId}`)).body.status === 'generating';
    await pollUntil('it is being generated', isBegun);
    const children = stack.children();
    expect(children.length).toBeGreaterThan(3);
    expect(await stack.kill()).toBe('SIGKILL');
    await pollUntil('all its processes have ended', () => stillRunning(children).length === 0, 3_000);
    expect(await openOf(addressesOf(stack))).toEqual([]);
  });

  test('loses nothing: after a restart, earlier runs are listed and found', async () => {
    const kept = packages();
    const [port, second] = await Promise.all([freePort(), freePort()]);
    [stack, other] = await Promise.all([
      runStack(dataDir, { PORT: String(port) }),
      runStack(otherDir, { PORT: String(second), ...keys }),
    ]);
    expect([stack.file.api, other.file.api]).toEqual([
      `http://127.0.0.1:${port}`,
      `http://127.0.0.1:${second}`,
    ]);
    // Unchanged sources are not packaged again.
    expect(packages()).toEqual(kept);
    const api = clientOf(stack.file.api);
    const { body: run } = await api.get(`/runs/${firstId}`);
    expect(run).toMatchObject({ status: 'completed', metadata: { team } });
    const [best] = await api.search(run.generations[0]?.text ?? '');
    expect(best).toMatchObject({ run_id: firstId, score: expect.closeTo(1, 3) });
    expect((await api.list()).body.data.map(({ id }) => id)).toEqual([killedId, firstId]);
  }, 300_000);
});

describe('two stacks', () => {
  test('run side by side and see none of each other’s runs', async () => {
    const shared = addressesOf(stack).filter((address) => addressesOf(other).includes(address));
    expect(shared).toEqual([]);
    expect((await clientOf(other.file.api, SECRET_A).get(`/runs/${firstId}`)).status).toBe(404);
  });

  test('do not share a data folder: the second reports it, and the first is not disturbed', async () => {
    const second = spawnStack(dataDir);
    expect(await second.closed).toBe(1);
    expect(second.output()).toMatch(
      /error: the data folder .* is in use by another stack: stop it, or set EVERYTOKEN_DATA_DIR/,
    );
    expect(existsSync(join(dataDir, 'stack.json'))).toBe(true);
    expect((await fetch(`${stack.file.api}/health`)).status).toBe(200);
  });

  test('do not share a port: the second reports it and leaves nothing running', async () => {
    const { port } = new URL(stack.file.api);
    const second = spawnStack(temporaryFolder(), { PORT: port });
    expect(await second.closed).toBe(1);
    expect(second.output()).toContain(
      `error: port ${port} is in use: stop what listens there, or set PORT to another one`,
    );
    expect(membersOf(second.pid)).toEqual([]);
  });
});

describe('EVERYTOKEN_API_KEYS', () => {
  const api = (key?: string) => clientOf(other.file.api, key);

  test('requires a key on every closed route: 401 without one, 403 with a wrong one', async () => {
    for (const path of ['/runs', `/runs/${firstId}`, '/usage']) {
      const none = await api().problem(path);
      const wrong = await api('secret3').problem(path);
      expect([none.status, none.body.code, wrong.status, wrong.body.code]).toEqual([
        401,
        'unauthorized',
        403,
        'forbidden',
      ]);
      expect(none.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
    expect((await api().send('/runs', { prompt: 'x' })).status).toBe(401);
    expect((await api().send('/search', { query: 'x' })).status).toBe(401);
    for (const path of ['/', '/health', '/openapi.json']) expect((await api().call(path)).status).toBe(200);
    expect((await api().call('/runs', { headers: { 'x-api-key': SECRET_B } })).status).toBe(200);
  });

  test('hides the runs of each caller from the other', async () => {
    const headers = { 'idempotency-key': 'one-key-for-both' };
    const body = { prompt: 'Explain tenants.', ...fast, metadata: { team } };
    const mine = (await api(SECRET_A).run(body, headers)).body;
    keptId = mine.id;
    const theirs = (await api(SECRET_B).run(body, headers)).body;
    expect(theirs.id).not.toBe(mine.id);
    await Promise.all([api(SECRET_A).completed(mine.id), api(SECRET_B).completed(theirs.id)]);

    for (const path of [`/runs/${mine.id}`, `/runs/${mine.id}/generations/0/trace`]) {
      expect((await api(SECRET_B).problem(path)).body.code).toBe('not_found');
    }
    expect((await api(SECRET_B).remove(mine.id)).status).toBe(404);
    const ids = async (key: string) => (await api(key).list()).body.data.map(({ id }) => id);
    expect([await ids(SECRET_A), await ids(SECRET_B)]).toEqual([[mine.id], [theirs.id]]);
    for (const filter of [undefined, { run_id: mine.id }]) {
      const found = await api(SECRET_B).search('tenants', filter);
      expect(found.map(({ run_id }) => run_id)).not.toContain(mine.id);
    }
    expect((await api(SECRET_A).search('tenants')).map(({ run_id }) => run_id)).toEqual([mine.id]);
    expect((await api(SECRET_B).usage()).body.total).toMatchObject({ requests: 1, generations: 1 });
    expect((await api(SECRET_A).get(`/runs/${mine.id}`)).status).toBe(200);
  });
});

describe('Ctrl-C', () => {
  test('ends everything within seconds, with no process or port left, also during a stream', async () => {
    const response = await clientOf(other.file.api, SECRET_B).send('/runs', {
      ...{ prompt: 'Explain signals.', max_tokens: 1_000, extra_body: { pace: 20 }, stream: true },
    });
    const reading = response.text().catch(() => 'cut');
    const children = other.children();
    const startedAt = performance.now();
    expect(await other.interrupt()).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(15_000); // the stream itself takes 50 seconds
    expect(stillRunning(children)).toEqual([]);
    expect(await openOf(addressesOf(other))).toEqual([]);
    expect(existsSync(join(otherDir, 'stack.json'))).toBe(false);
    await reading;
    expect((await fetch(`${stack.file.api}/health`)).status).toBe(200);
  });
});

describe('a restart with a model server of the user’s own', () => {
  const api = () => clientOf(other.file.api, SECRET_A);
  const search = { 'metadata.team': team };

  test('keeps the earlier runs, and names the service behind each part', async () => {
    other = await runStack(otherDir, { ...keys, OPENAI_BASE_URL: models.url });
    expect(other.file.openai).toBe(models.url);
    expect(other.output()).toContain(models.url);
    const { body: run } = await api().get(`/runs/${keptId}`);
    expect(run).toMatchObject({ status: 'completed', model: 'everytoken-ngram', metadata: { team } });
  }, 300_000);

  test('generates and embeds there, in a namespace beside the earlier one', async () => {
    const { body: run } = await api().run({ prompt: 'Explain weights.', metadata: { team } });
    expect(run.generations[0]).toMatchObject({
      text: 'Another server says that weights are numbers.',
      model: 'gpt-6-luna',
      finish_reason: 'stop',
    });
    await api().completed(run.id);
    const found = await api().search('weights are numbers', search);
    expect(found.map(({ run_id }) => run_id)).toEqual([run.id]);
    expect(models.seen).toEqual(expect.arrayContaining(['POST /v1/chat/completions', 'POST /v1/embeddings']));
    const pinecone = pineconeOf(other.file);
    const { namespaces = {} } = await pinecone.index({ name: other.file.index }).describeIndexStats();
    expect(namespaces).toMatchObject({
      [`${other.file.namespace}everytoken-use:a`]: { recordCount: 1 },
      [`${other.file.namespace}text-embedding-3-small:a`]: { recordCount: 1 },
    });
  });

  test('is undone by another restart without it, which finds the earlier runs by meaning', async () => {
    expect(await other.interrupt()).toBe(0);
    other = await runStack(otherDir, keys);
    const found = await api().search('tenants', search);
    expect(found.map(({ run_id }) => run_id)).toEqual([keptId]);
    expect((await api().list(`?metadata.team=${team}`)).body.data).toHaveLength(2);
  }, 300_000);
});

describe('a run in flight when its stack was killed', () => {
  test('is completed after the restart', async () => {
    const run = await clientOf(stack.file.api).completed(killedId, 75_000);
    expect(run.generations[0]).toMatchObject({ status: 'completed', text: expect.stringMatching(/\w/) });
    expect(run.generations[0]?.vector_ids).toEqual([`${killedId}#0#0`]);
  }, 300_000);
});
