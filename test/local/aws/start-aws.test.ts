// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders are CloudFormation’s
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import {
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalAws, startAws } from '../../../local/aws/start-aws.ts';
import { pollUntil } from '../../../tools/poll-until.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { fn, mapping, queue, writeBundles } from './small-stack.ts';

// Sends its event to the results queue, and fails the messages that ask for it.
const worker = `
import { SendMessageCommand, SQSClient } from '${import.meta.resolve('@aws-sdk/client-sqs')}';
const sqs = new SQSClient({});
const post = (body) => sqs.send(new SendMessageCommand({ QueueUrl: process.env.RESULTS, MessageBody: JSON.stringify(body) }));
export const handler = async (event) => {
  await post(event);
  if (event.Records.some(({ body }) => body === 'crash')) process.exit(1);
  return { batchItemFailures: event.Records.filter(({ body }) => body === 'fail').map(({ messageId }) => ({ itemIdentifier: messageId })) };
};`;

const redrive = (id: string, maxReceiveCount: number) => ({
  RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': [id, 'Arn'] }, maxReceiveCount },
});

const template = {
  Resources: {
    Worker: fn('worker', {
      variables: { RESULTS: { Ref: 'Results' }, TABLE: { Ref: 'Table' }, BUCKET: { Ref: 'Bucket' } },
    }),
    Results: queue(),
    Work: queue({ VisibilityTimeout: 3, ...redrive('WorkDead', 2) }),
    WorkDead: queue(),
    WorkMapping: mapping('Work', 'Worker', 10),
    Uploads: queue(),
    Matched: queue(),
    Gone: queue(),
    RuleDead: queue(),
    Role: { Type: 'AWS::IAM::Role', Properties: { Anything: true } },
    Table: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
      },
    },
    Bucket: {
      Type: 'AWS::S3::Bucket',
      Properties: {
        BucketName: { 'Fn::Sub': 'small-${AWS::AccountId}' },
        NotificationConfiguration: {
          QueueConfigurations: [
            {
              Event: 's3:ObjectCreated:*',
              Queue: { 'Fn::GetAtt': ['Uploads', 'Arn'] },
              Filter: {
                S3Key: {
                  Rules: [
                    { Name: 'prefix', Value: 'in/' },
                    { Name: 'suffix', Value: '.txt' },
                  ],
                },
              },
            },
          ],
        },
      },
    },
    Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'small' } },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventBusName: { Ref: 'Bus' },
        EventPattern: { source: ['test'], detail: { kind: [{ prefix: 'run' }] } },
        Targets: [{ Id: 'matched', Arn: { 'Fn::GetAtt': ['Matched', 'Arn'] } }],
      },
    },
    LostRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventBusName: { Ref: 'Bus' },
        EventPattern: { 'detail-type': ['Lost'] },
        Targets: [
          {
            Id: 'lost',
            Arn: 'arn:aws:sqs:us-east-1:000000000000:not-there',
            RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 60 },
            DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['RuleDead', 'Arn'] } },
          },
        ],
      },
    },
  },
};

let aws: LocalAws;
let sqs: SQSClient;
let s3: S3Client;
let events: EventBridgeClient;

beforeAll(async () => {
  aws = await startAws({
    template,
    bundles: writeBundles({ Worker: worker }),
    ...{ dataDir: temporaryFolder(), port: 0, environment: {}, log: () => {} },
  });
  const common = { region: 'us-east-1', credentials: aws.credentials };
  sqs = new SQSClient({ ...common, endpoint: aws.sqs });
  s3 = new S3Client({ ...common, endpoint: aws.s3 });
  events = new EventBridgeClient({ ...common, endpoint: aws.events });
});
afterAll(async () => {
  for (const client of [sqs, s3, events]) client.destroy();
  await aws.close();
});

const urlOf = (id: string): string => aws.queues[id] ?? '';

/** Waits for the next message of a queue. */
const next = async (id: string): Promise<Message> =>
  pollUntil(`a message of ${id}`, async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: urlOf(id),
        WaitTimeSeconds: 2,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    );
    return Messages[0];
  });
const nextBody = async (id: string) => JSON.parse((await next(id)).Body ?? '');

describe('a queue mapping', () => {
  test('delivers SQS records, deletes the processed ones and redrives the ones that keep failing', async () => {
    await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: urlOf('Work'),
        Entries: [
          {
            Id: '1',
            MessageBody: 'fine',
            MessageAttributes: { kind: { DataType: 'String', StringValue: 'x' } },
          },
          { Id: '2', MessageBody: 'fail' },
        ],
      }),
    );
    const { Records } = await nextBody('Results');
    expect(Records[0]).toMatchObject({
      body: 'fine',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:everytoken-local-Work',
      awsRegion: 'us-east-1',
      attributes: { ApproximateReceiveCount: '1' },
      messageAttributes: { kind: { stringValue: 'x', dataType: 'String' } },
    });
    expect((await nextBody('Results')).Records.map(({ body }: { body: string }) => body)).toEqual(['fail']);
    expect(await next('WorkDead')).toMatchObject({
      Body: 'fail',
      Attributes: { ApproximateReceiveCount: expect.any(String) },
    });
  });

  test('redrives the messages of a function that crashes', async () => {
    await sqs.send(new SendMessageCommand({ QueueUrl: urlOf('Work'), MessageBody: 'crash' }));
    expect((await next('WorkDead')).Body).toBe('crash');
    await sqs.send(new PurgeQueueCommand({ QueueUrl: urlOf('Results') }));
  });
});

describe('an upload', () => {
  const object = (record: { Records: { eventName: string; s3: { object: Record<string, unknown> } }[] }) =>
    record.Records[0];

  test('is in the queue before the PUT is answered, with the form-encoded key', async () => {
    const Bucket = aws.buckets.Bucket;
    const put = await s3.send(new PutObjectCommand({ Bucket, Key: 'in/a b+é🚀.txt', Body: 'hello' }));
    const first = object(await nextBody('Uploads'));
    expect(first).toMatchObject({
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      s3: {
        bucket: { name: 'small-000000000000', arn: 'arn:aws:s3:::small-000000000000' },
        object: { key: 'in/a+b%2B%C3%A9%F0%9F%9A%80.txt', size: 5, eTag: put.ETag?.replaceAll('"', '') },
      },
    });
    await s3.send(new PutObjectCommand({ Bucket, Key: 'in/a b+é🚀.txt', Body: 'hello again' }));
    const second = object(await nextBody('Uploads'));
    expect(String(second?.s3.object.sequencer) > String(first?.s3.object.sequencer)).toBe(true);
  });

  test('notifies of copies and multipart uploads, and of no object outside the filter', async () => {
    const Bucket = aws.buckets.Bucket;
    await s3.send(new PutObjectCommand({ Bucket, Key: 'in/other.csv', Body: 'x' }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'out/other.txt', Body: 'x' }));
    await s3.send(
      new CopyObjectCommand({ Bucket, Key: 'in/copy.txt', CopySource: `${Bucket}/out/other.txt` }),
    );
    expect(object(await nextBody('Uploads'))).toMatchObject({
      eventName: 'ObjectCreated:Copy',
      s3: { object: { key: 'in/copy.txt', size: 1 } },
    });
    const key = { Bucket, Key: 'in/parts.txt' };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(key));
    const { ETag } = await s3.send(new UploadPartCommand({ ...key, UploadId, PartNumber: 1, Body: 'part' }));
    const done = await s3.send(
      new CompleteMultipartUploadCommand({
        ...key,
        UploadId,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
      }),
    );
    expect(object(await nextBody('Uploads'))).toMatchObject({
      eventName: 'ObjectCreated:CompleteMultipartUpload',
      s3: { object: { key: 'in/parts.txt', size: 4, eTag: done.ETag?.replaceAll('"', '') } },
    });
  });
});

describe('an event', () => {
  test('is in the rule’s queue when PutEvents answers, in EventBridge’s envelope', async () => {
    const { Entries, FailedEntryCount } = await events.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: 'small',
            Source: 'test',
            DetailType: 'T',
            Detail: '{"kind":"run.🚀"}',
            Time: new Date(0),
            Resources: ['r'],
          },
          { EventBusName: 'small', Source: 'test', DetailType: 'T', Detail: '{"kind":"other"}' },
          { EventBusName: 'small', Source: 'test', DetailType: 'T', Detail: 'no json' },
          { EventBusName: 'none', Source: 'test', DetailType: 'T', Detail: '{}' },
        ],
      }),
    );
    expect(FailedEntryCount).toBe(2);
    expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      undefined,
      'MalformedDetail',
      'ResourceNotFoundException',
    ]);
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: urlOf('Matched'), MaxNumberOfMessages: 10 }),
    );
    expect(Messages.map(({ Body = '' }) => JSON.parse(Body))).toEqual([
      {
        version: '0',
        id: Entries?.[0]?.EventId,
        'detail-type': 'T',
        source: 'test',
        account: '000000000000',
        time: '1970-01-01T00:00:00Z',
        region: 'us-east-1',
        resources: ['r'],
        detail: { kind: 'run.🚀' },
      },
    ]);
  });

  test('goes to the rule’s dead letters with the reason when its queue does not exist', async () => {
    await events.send(
      new PutEventsCommand({
        Entries: [{ EventBusName: 'small', Source: 's', DetailType: 'Lost', Detail: '{"a":1}' }],
      }),
    );
    const { Body = '', MessageAttributes } = await next('RuleDead');
    expect(JSON.parse(Body).detail).toEqual({ a: 1 });
    expect(MessageAttributes).toMatchObject({
      RULE_ARN: { StringValue: 'arn:aws:events:us-east-1:000000000000:rule/small/everytoken-local-LostRule' },
      TARGET_ARN: { StringValue: 'arn:aws:sqs:us-east-1:000000000000:not-there' },
      ERROR_CODE: { StringValue: 'NO_PERMISSIONS_OR_RESOURCE' },
    });
  });
});

test('the table of the template is created', async () => {
  const dynamodb = new DynamoDBClient({
    region: 'us-east-1',
    credentials: aws.credentials,
    endpoint: aws.dynamodb,
  });
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: aws.table }));
  expect(Table).toMatchObject({
    TableStatus: 'ACTIVE',
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  });
  dynamodb.destroy();
});
