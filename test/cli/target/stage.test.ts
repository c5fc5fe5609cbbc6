import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { makeDynamoKeyStore } from '../../../lib/adapters/dynamodb/key-store.ts';
import { keyHash } from '../../../lib/keys/api-key.ts';
import { startS3 } from '../../../local/aws/s3/start-s3.ts';
import { type Sqs, startSqs } from '../../../local/aws/sqs/start-sqs.ts';
import type { HttpListener } from '../../../local/http.ts';
import { startPinecone } from '../../../local/pinecone/server.ts';
import { type StackState, startCloudFormation } from '../../factories/cloudformation-server.ts';
import { openTable } from '../../factories/dynamodb-table.ts';
import { startSsm } from '../../factories/ssm-server.ts';
import { awsKey, awsVariables, keys, stackCredentials } from '../../fixtures/aws-key.ts';
import { expectMisuses, expectRefusals, runEverytoken } from '../run-everytoken.ts';

vi.setConfig({ testTimeout: 120_000 });

const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-stage-'));
const stacks = new Map<string, StackState>();
const parameter = '/everytoken/prod/pinecone-api-key';
const arnOf = (id: string) => `arn:aws:sqs:eu-west-1:000000000000:${id}`;
const queue = (id: string, deadLetters?: string) => {
  const policy = JSON.stringify({ deadLetterTargetArn: arnOf(deadLetters ?? ''), maxReceiveCount: 5 });
  const attributes: Record<string, string> = deadLetters ? { RedrivePolicy: policy } : {};
  return { id, name: id, arn: arnOf(id), attributes };
};
const queues = [
  ...['JobsDeadLetters', 'EmbedDeadLetters', 'SweepDeadLetters'].map((id) => queue(id)),
  ...[queue('JobsQueue', 'JobsDeadLetters'), queue('EmbedQueue', 'EmbedDeadLetters')],
];
let cloudformation: Awaited<ReturnType<typeof startCloudFormation>>;
let table: Awaited<ReturnType<typeof openTable>>;
let objects: HttpListener;
let pinecone: Awaited<ReturnType<typeof startPinecone>>;
let ssm: Awaited<ReturnType<typeof startSsm>>;
let sqs: Sqs;
let shell: Record<string, string>;

beforeAll(async () => {
  [cloudformation, table, objects, pinecone, ssm] = await Promise.all([
    startCloudFormation(stacks),
    openTable(),
    startS3({
      keys,
      folder: dataDir,
      buckets: [{ id: 'ContentBucket', name: 'content', notifications: [], cors: [] }],
      region: 'eu-west-1',
      sendToQueue: async () => {},
      log: () => {},
    }),
    startPinecone({ file: ':memory:' }),
    startSsm(),
  ]);
  const region = { region: 'eu-west-1', account: '000000000000' };
  sqs = await startSqs({ keys, folder: dataDir, queues, ...region, log: () => {} });
  const endpoint = await table.client.config.endpoint?.();
  shell = {
    AWS_ENDPOINT_URL_CLOUDFORMATION: cloudformation.url,
    AWS_ENDPOINT_URL_DYNAMODB: `http://${endpoint?.hostname}:${endpoint?.port}`,
    AWS_ENDPOINT_URL_S3: objects.url,
    AWS_ENDPOINT_URL_SSM: ssm.url,
    AWS_ENDPOINT_URL_SQS: sqs.url,
    ...awsVariables,
  };
  ssm.parameters.set(parameter, {
    Name: parameter,
    Value: pinecone.apiKey,
    Type: 'SecureString',
    Version: 1,
  });
});
beforeEach(() => {
  stacks.clear();
  stacks.set('everytoken-prod', {
    outputs: {
      ServiceEndpoint: 'https://abc.execute-api.eu-west-1.amazonaws.com/prod',
      TableName: table.table,
      ContentBucketName: 'content',
      PineconeApiKeyParameter: parameter,
      PineconeNamespace: 'prod:',
      PineconeIndex: 'autogen-text',
      PineconeControllerHost: pinecone.url,
      ...Object.fromEntries(queues.map(({ id }) => [`${id}Url`, sqs.queueUrl(id)])),
    },
  });
});
afterAll(async () => {
  await Promise.all([
    cloudformation?.close(),
    table?.close(),
    objects?.close(),
    pinecone?.close(),
    ssm?.close(),
    sqs?.close(),
  ]);
  rmSync(dataDir, { recursive: true, force: true });
});

const prod = (words: string[], more: Record<string, string> = {}) =>
  runEverytoken([...words, '--stage', 'prod', '--region', 'eu-west-1'], dataDir, { ...shell, ...more });

test('a command finds the table of --stage by its stack, and says which deployment it touched', async () => {
  const { status, out, err } = await prod(['keys', 'add', 'team-a']);
  expect([status, err.split('\n')[0]]).toEqual([0, `· stage prod in eu-west-1 · table ${table.table}`]);
  const key = await makeDynamoKeyStore(table).get(keyHash(out.trim()));
  expect(key).toMatchObject({ caller: 'team-a', disabled: false });
});

test('a stage gets the credentials of the shell, also beside a running local stack with keys of its own', async () => {
  const credentials = { ...stackCredentials(), aws: { access_key_id: 'LOCAL', secret_access_key: 'local' } };
  const file = join(dataDir, 'stack.json');
  const stack = { dynamodb: 'http://127.0.0.1:1', table: 'local', buckets: {}, queues: {}, credentials };
  writeFileSync(file, JSON.stringify(stack));
  cloudformation.keys.length = 0;
  expect((await prod(['keys', 'list'])).status).toBe(0);
  rmSync(file);
  expect(new Set(cloudformation.keys)).toEqual(new Set([awsKey.accessKeyId]));
});

test("a stage's own settings count, whatever the shell has, and keys come from its parameters", async () => {
  const misleading = {
    TABLE_NAME: 'another',
    CONTENT_BUCKET: 'another',
    PINECONE_NAMESPACE: 'another:',
    PINECONE_API_KEY: 'another',
    DEPLOYMENT_ID: 'another',
  };
  const { status, out, err } = await prod(['audit', '--json'], misleading);
  expect([status, err]).toEqual([0, `· stage prod in eu-west-1 · table ${table.table}\n`]);
  expect(JSON.parse(out)).toMatchObject({ accepted: 0, findings: [] });
  expect(ssm.calls).toContain('GetParameter');
});

test("replay moves the dead letters of all queues of a stage, or of one, and leaves the sweep's", async () => {
  const client = new SQSClient({ endpoint: sqs.url, region: 'eu-west-1', credentials: awsKey });
  for (const id of ['JobsDeadLetters', 'EmbedDeadLetters', 'EmbedDeadLetters', 'SweepDeadLetters'])
    await client.send(new SendMessageCommand({ QueueUrl: sqs.queueUrl(id), MessageBody: 'a letter' }));
  client.destroy();
  const moved = async (...words: string[]) =>
    Object.fromEntries(
      JSON.parse((await prod(['replay', '--json', ...words])).out).data.map(
        ({ queue, moved }: { queue: string; moved: number }) => [queue, moved],
      ),
    );
  expect(await moved('--queue', 'JobsQueue')).toEqual({ JobsDeadLetters: 1 });
  expect(await moved()).toEqual({ JobsDeadLetters: 0, EmbedDeadLetters: 2 });
});

test('reports a stage that is not there, or was deployed by an earlier version, with the remedy', async () => {
  const { outputs = {} } = stacks.get('everytoken-prod') ?? {};
  const isNew = (name: string) => name === 'PineconeApiKeyParameter' || /(Queue|DeadLetters)Url$/.test(name);
  const earlier = Object.fromEntries(Object.entries(outputs).filter(([name]) => !isNew(name)));
  stacks.set('everytoken-old', { outputs: earlier });
  stacks.set('everytoken-half', { outputs: {} });
  const on = (stage: string, words: string[], more = shell) =>
    runEverytoken([...words, '--stage', stage], dataDir, { AWS_REGION: 'eu-west-1', ...more });
  await expectRefusals([
    [
      on('none', ['keys', 'list']),
      /there is no stack everytoken-none in this account and region; check --stage/,
    ],
    [on('half', ['keys', 'list']), /the stack everytoken-half in eu-west-1 has no address: deploy it/],
    [
      on('old', ['audit']),
      /stage old in eu-west-1 was deployed by an earlier version, .*; deploy this version/,
    ],
    [
      on('old', ['replay']),
      /outputs lack its queues; deploy this version first, or name one with --queue-url/,
    ],
    [on('prod', ['keys', 'list'], { ...shell, AWS_REGION: '' }), /no region is set; give --region, or set/],
  ]);
  expect((await on('old', ['keys', 'list'])).status).toBe(0);
  await expectMisuses([
    [on('../prod', ['keys', 'list']), /--stage takes a name of letters, digits and hyphens/],
    [runEverytoken(['keys', 'list', '--region', 'eu-west-1'], dataDir), /--region needs --stage/],
  ]);
});
