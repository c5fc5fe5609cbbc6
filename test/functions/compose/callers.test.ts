import { afterAll, beforeAll, expect, test } from 'vitest';
import { composeAuthenticate } from '../../../functions/compose/callers.ts';
import { makeDynamoKeyStore } from '../../../lib/adapters/dynamodb/key-store.ts';
import { type Configuration, configurationOf } from '../../../lib/adapters/settings/configuration.ts';
import { makeGenerateApp } from '../../../lib/http/generate-app.ts';
import { problemSchema } from '../../../lib/http/problem-schema.ts';
import { addKey, type KeyDeps } from '../../../lib/keys/manage-keys.ts';
import { openTable } from '../../factories/dynamodb-table.ts';
import { memoryLog, stillClock } from '../../fixtures/http.ts';
import { makeMemoryCallerList } from '../../memory/caller-list.ts';

let table: Awaited<ReturnType<typeof openTable>>;
let deps: KeyDeps;
let reads = 0;
let made = 0;
const newSecret = () => {
  made += 1;
  return `secret-${made}`;
};
beforeAll(async () => {
  table = await openTable();
  deps = { keys: makeDynamoKeyStore(table), callers: makeMemoryCallerList(), now: () => 0, newSecret };
  table.client.middlewareStack.add(
    (next) => (args) => {
      reads += 1;
      return next(args);
    },
    { step: 'initialize' },
  );
});
afterAll(async () => table?.close());

const configuration = (variables: Record<string, string>): Configuration =>
  configurationOf({
    TABLE_NAME: table.table,
    CONTENT_BUCKET: 'bucket',
    BUS_NAME: 'bus',
    JOBS_QUEUE_URL: 'http://127.0.0.1/jobs',
    INTAKE_QUEUE_URL: 'http://127.0.0.1/intake',
    ...variables,
  });

/** POST /runs behind the functions' own access check: resolves to the authenticated caller or the problem code. */
const makeAsk = (variables: Record<string, string> = {}) => {
  const callers: string[] = [];
  const app = makeGenerateApp({
    authenticate: composeAuthenticate(configuration(variables), table.client, async () => {}),
    startRun: async (_body, { caller }) => {
      callers.push(caller);
      throw new Error('nothing is generated here');
    },
    clock: stillClock,
    log: memoryLog(),
  });
  return async (headers: Record<string, string>): Promise<string> => {
    reads = 0;
    const response = await app.request('/runs', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{"prompt": "a"}',
    });
    return callers.pop() ?? problemSchema.parse(await response.json()).code;
  };
};

test('a stored key authenticates its caller in either header, and is read once', async () => {
  const { secret } = await addKey('team-a', deps);
  const { secret: second } = await addKey('team-a', deps);
  const ask = makeAsk();
  expect([await ask({ authorization: `Bearer ${secret}` }), reads]).toEqual(['team-a', 1]);
  expect([await ask({ 'x-api-key': secret }), reads]).toEqual(['team-a', 0]);
  expect(await ask({ 'x-api-key': second })).toBe('team-a');
});

test('a disabled key is refused, also where the anonymous caller would be let in', async () => {
  const { key, secret } = await addKey('team-a', deps);
  await deps.keys.disable(key.sha256);
  for (const variables of [{}, { ANONYMOUS_CALLER: 'local' }])
    expect(await makeAsk(variables)({ 'x-api-key': secret })).toBe('forbidden');
});

test('contents of the table authenticate nobody: neither a sha256, nor its prefix, nor a whole item key', async () => {
  const { key } = await addKey('team-a', deps);
  const ask = makeAsk();
  for (const known of [key.sha256, key.sha256.slice(0, 12), `APIKEY#${key.sha256}`])
    expect(await ask({ 'x-api-key': known })).toBe('forbidden');
});

test('the table is not read for a key of the configuration, nor without a key', async () => {
  const ask = makeAsk({ EVERYTOKEN_API_KEYS: 'team-b:configured-secret' });
  expect([await ask({ 'x-api-key': 'configured-secret' }), reads]).toEqual(['team-b', 0]);
  expect([await ask({}), reads]).toEqual(['unauthorized', 0]);
  expect([await makeAsk({ ANONYMOUS_CALLER: 'local' })({}), reads]).toEqual(['local', 0]);
});

test('many requests with the same wrong key cost one read', async () => {
  const ask = makeAsk();
  expect([await ask({ 'x-api-key': 'wrong' }), reads]).toEqual(['forbidden', 1]);
  expect([await ask({ 'x-api-key': 'wrong' }), reads]).toEqual(['forbidden', 0]);
});
