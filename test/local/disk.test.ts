import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, describe, expect, test } from 'vitest';
import { type LocalAws, startAws } from '../../local/aws/start-aws.ts';
import { watchDisk } from '../../local/disk.ts';
import { mountSmallDisk } from '../fixtures/small-disk.ts';
import { queue, writeBundles } from './aws/small-stack.ts';

const MIB = 1024 * 1024;

test('a disk below the reserve is told once, and once more when there is room again', () => {
  const lines: string[] = [];
  let free = 100 * MIB;
  const disk = watchDisk('/data', { log: (line) => lines.push(line), freeBytes: () => free });
  expect(disk()).toBeUndefined();
  free = 32 * MIB - 1;
  const problem = 'The disk of /data is full (31 MiB free): free 32 MiB, and the local stack goes on.';
  expect([disk(), disk()]).toEqual([problem, problem]);
  free = 32 * MIB;
  expect([disk(), disk()]).toEqual([undefined, undefined]);
  expect(lines).toEqual([`disk: ${problem}`, 'disk: there is room again']);
});

const template = {
  Resources: {
    Queue: queue(),
    Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'objects' } },
    Table: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      },
    },
  },
};

const disk = mountSmallDisk(64);
let aws: LocalAws | undefined;
afterAll(async () => {
  await aws?.close();
  disk?.remove();
});

const start = (dataDir: string) =>
  startAws({
    ...{ template, bundles: writeBundles({}), dataDir, port: 0, environment: {} },
    log: () => {},
  });

const storesOf = (stack: LocalAws) => {
  const common = { region: 'us-east-1', credentials: stack.credentials, maxAttempts: 1 };
  const dynamodb = new DynamoDBClient({ ...common, endpoint: stack.dynamodb });
  const s3 = new S3Client({ ...common, endpoint: stack.s3, forcePathStyle: true });
  const sqs = new SQSClient({ ...common, endpoint: stack.sqs });
  const QueueUrl = stack.queues.Queue;
  return {
    writes: {
      dynamodb: (text: string) =>
        dynamodb.send(
          new PutItemCommand({ TableName: stack.table, Item: { pk: { S: 'k' }, text: { S: text } } }),
        ),
      s3: (text: string) => s3.send(new PutObjectCommand({ Bucket: 'objects', Key: 'k', Body: text })),
      sqs: (text: string) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: text })),
    },
    reads: {
      dynamodb: async () => {
        const get = new GetItemCommand({ TableName: stack.table, Key: { pk: { S: 'k' } } });
        return (await dynamodb.send(get)).Item?.text?.S;
      },
      s3: async () =>
        (await s3.send(new GetObjectCommand({ Bucket: 'objects', Key: 'k' }))).Body?.transformToString(),
      sqs: async () => {
        const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 });
        return (await sqs.send(receive)).Messages?.map(({ Body }) => Body).join();
      },
    },
  };
};

describe.runIf(disk !== undefined)('on a disk that is full', () => {
  const PARTS = ['dynamodb', 's3', 'sqs'] as const;
  const NAMES = { dynamodb: 'InternalServerError', s3: 'InternalError', sqs: 'InternalFailure' };

  test('every store answers its own 5xx, loses nothing, and goes on once there is room', async () => {
    const { folder, fill, empty } = disk ?? expect.unreachable();
    aws = await start(folder);
    let { writes, reads } = storesOf(aws);
    for (const part of PARTS) await writes[part]('before');
    fill();
    for (const part of PARTS) {
      const refused = {
        name: expect.stringContaining(NAMES[part]),
        message: expect.stringContaining('is full'),
        $metadata: { httpStatusCode: 500 },
      };
      await expect(writes[part]('while full')).rejects.toMatchObject(refused);
      await expect(reads[part]()).rejects.toMatchObject(refused);
    }
    empty();
    expect([await reads.dynamodb(), await reads.s3()]).toEqual(['before', 'before']);
    for (const part of PARTS) await writes[part]('after');
    await aws.close();
    aws = await start(folder);
    ({ writes, reads } = storesOf(aws));
    expect([await reads.dynamodb(), await reads.s3()]).toEqual(['after', 'after']);
    expect(await reads.sqs()).toBe('before,after');
  });
});
