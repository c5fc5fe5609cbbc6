import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, expect, test } from 'vitest';
import { keyVariables } from '../../../local/aws/credentials.ts';
import { type LocalAws, startAws } from '../../../local/aws/start-aws.ts';
import { pollUntil } from '../../../tools/poll-until.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { fn, queue, writeBundles } from './small-stack.ts';

const table = (key: string) => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
    KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
  },
});
const template = {
  Resources: {
    Pid: fn('pid', { timeout: 60 }),
    Queue: queue({ VisibilityTimeout: 3600 }),
    Table: table('pk'),
    Bucket: { Type: 'AWS::S3::Bucket', Properties: {} },
  },
};
const bundles = writeBundles({
  Pid: `export const handler = async ({ hang }) => (hang ? new Promise(() => setInterval(() => {}, 1000)) : process.pid);`,
});

const clientsOf = (aws: LocalAws) => {
  const common = { region: 'us-east-1', credentials: aws.credentials };
  return {
    dynamodb: new DynamoDBClient({ ...common, endpoint: aws.dynamodb }),
    s3: new S3Client({ ...common, endpoint: aws.s3 }),
    sqs: new SQSClient({ ...common, endpoint: aws.sqs }),
  };
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const isOpen = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.unref();
  });

const start = (dataDir: string, resources: Parameters<typeof startAws>[0]['template'] = template) =>
  startAws({ template: resources, bundles, dataDir, port: 0, environment: {}, log: () => {} });

let running: LocalAws | undefined;
afterEach(() => running?.close());

test('a restart after kill -9 restores everything, in-flight messages too, and leaves no function running', async () => {
  const dataDir = temporaryFolder();
  const settings = JSON.stringify({ template, bundles: bundles(''), dataDir });
  const child = fork(new URL('./run-stack.ts', import.meta.url), [settings], { execArgv: [] });
  const [before] = (await once(child, 'message')) as [LocalAws];
  const { dynamodb, s3, sqs } = clientsOf(before);
  const QueueUrl = before.queues.Queue;
  await dynamodb.send(
    new PutItemCommand({ TableName: before.table, Item: { pk: { S: '🚀' }, n: { N: '1' } } }),
  );
  await s3.send(new PutObjectCommand({ Bucket: before.buckets.Bucket, Key: '🚀', Body: 'kept' }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '🚀 in flight' }));
  expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages).toHaveLength(1);
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'waiting' }));
  child.send({ invoke: 'Pid', event: {} });
  const [{ answer: pid }] = (await once(child, 'message')) as [{ answer: number }];
  expect(isAlive(pid)).toBe(true);

  child.kill('SIGKILL');
  await pollUntil('the end of its process', () => !isAlive(pid));

  running = await start(dataDir);
  const after = clientsOf(running);
  const item = await after.dynamodb.send(
    new GetItemCommand({ TableName: running.table, Key: { pk: { S: '🚀' } } }),
  );
  expect(item.Item).toEqual({ pk: { S: '🚀' }, n: { N: '1' } });
  const object = await after.s3.send(new GetObjectCommand({ Bucket: running.buckets.Bucket, Key: '🚀' }));
  expect(await object.Body?.transformToString()).toBe('kept');
  const url = running.queues.Queue;
  expect(await after.sqs.send(new GetQueueUrlCommand({ QueueName: 'everytoken-local-Queue' }))).toMatchObject(
    { QueueUrl: url },
  );
  const { Messages = [] } = await after.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }),
  );
  expect(Messages.map(({ Body }) => Body).toSorted()).toEqual(['waiting', '🚀 in flight']);
  for (const client of [dynamodb, s3, sqs, ...Object.values(after)]) client.destroy();
});

test('the local AWS closes while a function hangs, and leaves no process and no port', async () => {
  const aws = await start(temporaryFolder());
  const pid = Number(await aws.invoke('Pid', {}));
  const hanging = aws.invoke('Pid', { hang: true });
  const failed = expect(hanging).rejects.toMatchObject({ errorType: 'Sandbox.Stopped' });
  await aws.close();
  await failed;
  expect(isAlive(pid)).toBe(false);
  const open = await Promise.all([aws.api, aws.dynamodb, aws.sqs, aws.s3, aws.events].map(isOpen));
  expect(open).toEqual([false, false, false, false, false]);
});

test('a data folder in use by another stack, or without write access, is refused', async () => {
  const dataDir = temporaryFolder();
  running = await start(dataDir);
  await expect(start(dataDir)).rejects.toThrow(`The data folder ${dataDir} is in use by another stack`);
  await expect(start(join(dataDir, 'in-use', 'below-a-file'))).rejects.toThrow(
    'Cannot write to the data folder',
  );
});

test('a data folder whose table has other keys is an error that names both', async () => {
  const dataDir = temporaryFolder();
  await (await start(dataDir)).close();
  await expect(start(dataDir, { Resources: { ...template.Resources, Table: table('id') } })).rejects.toThrow(
    /everytoken-local-Table in .* is of another version \(pk, now id\)/,
  );
});

test('services of the user’s own are used, nothing is created there, and missing parts are named', async () => {
  const own = await start(temporaryFolder());
  running = own;
  const endpoints = { dynamodb: own.dynamodb, s3: own.s3, sqs: own.sqs, events: own.events };
  const begin = (resources: Parameters<typeof startAws>[0]['template'], given: object) =>
    startAws({
      template: resources,
      bundles,
      dataDir: temporaryFolder(),
      port: 0,
      environment: {},
      endpoints: given,
      userEnvironment: keyVariables(own.credentials),
      log: () => {},
    });

  const second = await begin(template, endpoints);
  expect(second).toMatchObject({ ...endpoints, queues: own.queues, table: own.table });
  await second.close();

  const more = {
    Resources: {
      ...template.Resources,
      Other: queue(),
      Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'mine' } },
    },
  };
  const missing = begin(more, endpoints);
  await expect(missing).rejects.toThrow(
    /everytoken-local-Other at http.* \(QueueDoesNotExist\).*event bus mine/,
  );
  await expect(begin(template, { sqs: own.sqs })).rejects.toThrow(
    'set AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL_EVENTBRIDGE too',
  );
});
