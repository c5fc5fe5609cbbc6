import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeS3Content } from '../../../lib/adapters/aws/s3-content.ts';
import { makeDynamoKeyStore } from '../../../lib/adapters/dynamodb/key-store.ts';
import { makeDynamoRunList } from '../../../lib/adapters/dynamodb/run-list.ts';
import { makeDynamoRunStore } from '../../../lib/adapters/dynamodb/run-store.ts';
import { makeDynamoBudgetStore } from '../../../lib/adapters/dynamodb/spending.ts';
import { makePineconeIndex } from '../../../lib/adapters/pinecone/vector-index.ts';
import { listedOf } from '../../../lib/runs/list/entry.ts';
import { startS3 } from '../../../local/aws/s3/start-s3.ts';
import type { HttpListener } from '../../../local/http.ts';
import { startPinecone } from '../../../local/pinecone/server.ts';
import { openTable } from '../../factories/dynamodb-table.ts';
import { makeFigures, makeRun } from '../../factories/run.ts';
import { awsVariables, keys } from '../../fixtures/aws-key.ts';
import { expectMisuses, expectRefusals, runEverytoken } from '../run-everytoken.ts';

const NAMESPACE = 'dev:text-embedding-3-small:team-a';
const LONG_AGO = 'dev:another-model:team-a';
const run = makeRun({ caller: 'team-a', status: 'completed', generations: [makeFigures()] });
const id = `${run.id}#0#0`;

const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-erase-'));
let table: Awaited<ReturnType<typeof openTable>>;
let objects: HttpListener;
let pinecone: Awaited<ReturnType<typeof startPinecone>>;
let address: string;

beforeAll(async () => {
  [table, objects, pinecone] = await Promise.all([
    openTable(),
    startS3({
      keys,
      folder: dataDir,
      buckets: [{ id: 'ContentBucket', name: 'content', notifications: [], cors: [] }],
      region: 'us-east-1',
      sendToQueue: async () => {},
      log: () => {},
    }),
    startPinecone({ file: ':memory:' }),
  ]);
  const endpoint = await table.client.config.endpoint?.();
  address = `http://${endpoint?.hostname}:${endpoint?.port}`;
});
afterAll(async () => {
  await Promise.all([table?.close(), objects?.close(), pinecone?.close()]);
  rmSync(dataDir, { recursive: true, force: true });
});

const deployed = () => ({
  TABLE_NAME: table.table,
  CONTENT_BUCKET: 'content',
  AWS_ENDPOINT_URL_DYNAMODB: address,
  AWS_ENDPOINT_URL_S3: objects.url,
  AWS_REGION: 'us-east-1',
  ...awsVariables,
  PINECONE_API_KEY: pinecone.apiKey,
  PINECONE_NAMESPACE: 'dev:',
  PINECONE_CONTROLLER_HOST: pinecone.url,
});
const erase = (args: string[], variables: Record<string, string> = deployed()) =>
  runEverytoken(['erase', ...args], dataDir, variables);

test('everytoken erase removes nothing without --yes, and with it everything of the caller, once', async () => {
  const runs = makeDynamoRunStore(table);
  const connection = { apiKey: pinecone.apiKey, controllerHost: pinecone.url, indexName: 'autogen-text' };
  const index = makePineconeIndex({ ...connection, dimension: 1536 });
  const { accessKeyId, secretAccessKey } = {
    accessKeyId: awsVariables.AWS_ACCESS_KEY_ID,
    secretAccessKey: awsVariables.AWS_SECRET_ACCESS_KEY,
  };
  const client = new S3Client({
    ...{ endpoint: objects.url, region: 'us-east-1', forcePathStyle: true },
    credentials: { accessKeyId, secretAccessKey },
  });
  const content = makeS3Content({ client, bucket: 'content' });
  await runs.create(run);
  await makeDynamoRunList(table).put(listedOf(run));
  await content.put(`outputs/${run.id}/0.0123456789ab.json`, '{}', 'application/json');
  await content.put('prompts/@team-a/notes.docx', 'x', 'text/plain');
  await content.put('prompts/@team-ab/notes.docx', 'x', 'text/plain');
  const vector = { id, values: new Float32Array(1536).fill(1), metadata: {} };
  for (const namespace of [NAMESPACE, LONG_AGO]) await index.upsert(namespace, [vector]);
  const key = { sha256: 'ab'.repeat(32), caller: 'team-a', disabled: false, createdAt: run.createdAt };
  await makeDynamoKeyStore(table).create(key);
  await makeDynamoBudgetStore(table).set('team-a', { tokens: 1, costUsd: null });

  await expectRefusals([
    [erase(['team-a']), /removes all keys, files, runs, results and vectors of team-a .*--yes/],
  ]);
  expect((await runs.get(run.id))?.status).toBe('completed');

  const first = await erase(['team-a', '--yes']);
  expect([first.status, first.err]).toEqual([1, `· table ${table.table}\n`]);
  expect(first.out.split('\n').slice(0, 8)).toEqual([
    'keys: 1 disabled',
    'exports: 0 deleted',
    'files and comparisons: 0 deleted now, 0 not yet purged',
    'runs: 1 deleted',
    'other prompts, results and exports: 1 objects deleted',
    'other vectors: 1 deleted',
    'usage: labels and metadata removed from 1 entries',
    'budget and limits: removed',
  ]);
  expect(first.out).toContain('run it again in half an hour');
  expect((await runs.get(run.id))?.status).toBe('deleted');
  for (const namespace of [NAMESPACE, LONG_AGO]) expect(await index.fetch(namespace, [id])).toEqual([]);
  expect([...(await content.list('outputs/')), ...(await content.list('prompts/'))]).toEqual([
    'prompts/@team-ab/notes.docx',
  ]);
  expect((await makeDynamoKeyStore(table).get(key.sha256))?.disabled).toBe(true);
  expect(await makeDynamoBudgetStore(table).get('team-a')).toBeUndefined();

  const second = await erase(['team-a', '--yes']);
  expect(second.status).toBe(0);
  expect(JSON.parse((await erase(['team-a', '--yes', '--json'])).out)).toMatchObject({
    caller: 'team-a',
    complete: true,
  });
  expect(second.out).toContain('tombstones of runs and files, without content: 30 days');
  client.destroy();
}, 300_000);

test('everytoken erase reports an error in one line with the remedy, and prints its help without a stack', async () => {
  await expectRefusals([
    [
      erase(['team-a', '--yes'], {}),
      /no local stack runs in .*: start one \(npm start\), or name a deployment with --stage/,
    ],
  ]);
  await expectMisuses([
    [erase([]), /missing required argument 'caller'/],
    [erase(['a b', '--yes']), /a caller's name has/],
    [erase(['a', 'b', '--yes']), /too many arguments/],
    [erase(['a', '--all']), /unknown option '--all'/],
  ]);
  const { status, out } = await erase(['--help'], {});
  expect([status, out.split('\n')[0]]).toEqual([0, 'Usage: everytoken erase [options] <caller>']);
}, 300_000);
