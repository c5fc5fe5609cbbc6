import { type CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, ListEventBusesCommand } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AwsKey, newAwsKey } from '../../../../local/aws/credentials.ts';
import { startEventBus } from '../../../../local/aws/events/start-event-bus.ts';
import { startS3 } from '../../../../local/aws/s3/start-s3.ts';
import { startSqs } from '../../../../local/aws/sqs/start-sqs.ts';
import { startDynamoDb } from '../../../../local/aws/start-dynamodb.ts';
import type { HttpListener } from '../../../../local/http.ts';
import { awsKey, keys } from '../../../fixtures/aws-key.ts';
import { rawRequest } from '../../../fixtures/raw-request.ts';
import { signedHeaders } from '../../../fixtures/sign.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const region = 'us-east-1';
const account = '000000000000';
const log = () => {};
const common = { keys, region, log };
let dynamodb: HttpListener;
let sqs: HttpListener;
let events: HttpListener;
let s3: HttpListener;
beforeAll(async () => {
  dynamodb = await startDynamoDb({ ...common, folder: temporaryFolder(), tables: [], key: awsKey });
  sqs = await startSqs({ ...common, folder: temporaryFolder(), queues: [], account });
  events = await startEventBus({ ...common, buses: [], rules: [], account, sendToQueue: async () => {} });
  s3 = await startS3({
    ...{ ...common, folder: temporaryFolder(), sendToQueue: async () => {} },
    buckets: [{ id: 'Bucket', name: 'objects', notifications: [], cors: [] }],
  });
});
afterAll(() => Promise.all([dynamodb, sqs, events, s3].map((part) => part?.close())));

type Options = { credentials: AwsKey; systemClockOffset?: number; region?: string };
/** A request of the official SDK to each service. */
const SENT: Record<string, (options: Options) => Promise<unknown>> = {
  dynamodb: (options) => new DynamoDBClient(optionsOf(dynamodb, options)).send(new ListTablesCommand({})),
  sqs: (options) => new SQSClient(optionsOf(sqs, options)).send(new ListQueuesCommand({})),
  events: (options) => new EventBridgeClient(optionsOf(events, options)).send(new ListEventBusesCommand({})),
  s3: (options) => new S3Client(optionsOf(s3, options)).send(new ListObjectsV2Command({ Bucket: 'objects' })),
};
const optionsOf = ({ url }: HttpListener, options: Options) => ({
  ...{ endpoint: url, region, maxAttempts: 1, ...options },
});
const { accessKeyId } = awsKey;
const HOUR_MS = 3_600_000;

describe('an official SDK', () => {
  test.each(Object.keys(SENT))(
    'is served by %s with the key of the stack, for any region',
    async (service) => {
      await SENT[service]?.({ credentials: awsKey });
      await SENT[service]?.({ credentials: awsKey, region: 'eu-central-1' });
    },
  );

  test.each([
    [
      'dynamodb',
      400,
      'UnrecognizedClientException',
      'InvalidSignatureException',
      'InvalidSignatureException',
    ],
    ['sqs', 403, 'UnrecognizedClientException', 'InvalidSignatureException', 'InvalidSignatureException'],
    ['events', 400, 'UnrecognizedClientException', 'InvalidSignatureException', 'InvalidSignatureException'],
    ['s3', 403, 'InvalidAccessKeyId', 'SignatureDoesNotMatch', 'RequestTimeTooSkewed'],
  ])('throws with %s what it throws on AWS', async (service, status, ofKey, ofSecret, ofClock) => {
    const send = SENT[service] ?? (() => Promise.resolve());
    const refusal = (name: string) => ({ name, $metadata: { httpStatusCode: status } });
    await expect(send({ credentials: newAwsKey() })).rejects.toMatchObject(refusal(ofKey));
    const guessed = { accessKeyId, secretAccessKey: newAwsKey().secretAccessKey };
    await expect(send({ credentials: guessed })).rejects.toMatchObject(refusal(ofSecret));
    for (const systemClockOffset of [HOUR_MS, -HOUR_MS]) {
      await expect(send({ credentials: awsKey, systemClockOffset })).rejects.toMatchObject(refusal(ofClock));
    }
    await send({ credentials: awsKey, systemClockOffset: HOUR_MS / 5 });
  });
});

const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.0' };
const create = JSON.stringify({
  TableName: 'stolen',
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
} satisfies ConstructorParameters<typeof CreateTableCommand>[0]);

describe('a stranger’s request to DynamoDB', () => {
  const target = { ...JSON_TYPE, 'x-amz-target': 'DynamoDB_20120810.CreateTable' };
  const signedFor = (body: string, how = {}, headers = target) =>
    signedHeaders(dynamodb.url, { method: 'POST', headers, body }, { service: 'dynamodb', ...how });
  const send = async (headers: Record<string, string>, body = create) => {
    const { status, text } = await rawRequest(dynamodb.url, { method: 'POST', headers, body });
    return [status, String(JSON.parse(text).__type).replace('com.amazon.coral.service#', '')];
  };
  const tables = async () =>
    (await new DynamoDBClient(optionsOf(dynamodb, { credentials: awsKey })).send(new ListTablesCommand({})))
      .TableNames;

  test('does nothing without a signature, or with one of something else', async () => {
    const list = { ...JSON_TYPE, 'x-amz-target': 'DynamoDB_20120810.ListTables' };
    const made = { ...target, authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/x, Signature=y` };
    expect(await send(target)).toEqual([400, 'MissingAuthenticationTokenException']);
    expect(await send(made)).toEqual([400, 'IncompleteSignatureException']);
    expect(await send({ ...target, authorization: 'Bearer x' })).toEqual([
      400,
      'IncompleteSignatureException',
    ]);
    // The signature of another body, of another operation, for another service, of yesterday.
    for (const headers of [
      await signedFor('{}'),
      { ...(await signedFor(create, {}, list)), ...target },
      await signedFor(create, { service: 'sqs' }),
      await signedFor(create, { at: new Date(Date.now() - 24 * HOUR_MS) }),
    ]) {
      expect(await send(headers)).toEqual([400, 'InvalidSignatureException']);
    }
    expect(await tables()).toEqual([]);
  });

  test('does nothing with a header that its signature leaves out', async () => {
    const { 'x-amz-target': _, ...others } = target;
    const headers = { ...(await signedFor(create, {}, others as typeof target)), ...target };
    expect(await send(headers)).toEqual([400, 'InvalidSignatureException']);
    expect(await tables()).toEqual([]);
  });

  test('is served once it is signed', async () => {
    const headers = await signedFor(create);
    expect((await send(headers))[0]).toBe(200);
    expect(await tables()).toEqual(['stolen']);
  });
});

describe('a stranger’s request to S3', () => {
  const object = () => `${s3.url}/objects/secret`;
  const send = async (headers: Record<string, string>, method = 'GET', body = '') => {
    const { status, text } = await rawRequest(object(), { method, headers, body });
    return [status, /<Code>(.*)<\/Code>/.exec(text)?.[1]];
  };

  test('reads and writes nothing', async () => {
    const client = new S3Client(optionsOf(s3, { credentials: awsKey }));
    await client.send(new PutObjectCommand({ Bucket: 'objects', Key: 'secret', Body: 'kept' }));
    const get = await signedHeaders(object(), { method: 'GET' });
    expect(await send({})).toEqual([403, 'AccessDenied']);
    expect(await send({}, 'PUT', 'other')).toEqual([403, 'AccessDenied']);
    expect(await send(get, 'PUT', 'other')).toEqual([403, 'SignatureDoesNotMatch']);
    expect(await send(get, 'DELETE')).toEqual([403, 'SignatureDoesNotMatch']);
    const copied = {
      ...(await signedHeaders(object(), { method: 'PUT' })),
      'x-amz-copy-source': '/objects/a',
    };
    expect(await send(copied, 'PUT')).toEqual([403, 'AccessDenied']);
    const { 'x-amz-content-sha256': _, ...without } = get;
    expect(await send(without)).toEqual([400, 'InvalidRequest']);
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'objects', Key: 'secret' }));
    expect(await Body?.transformToString()).toBe('kept');
    client.destroy();
  });

  test('under another bucket’s name at localhost is of that bucket', async () => {
    const url = object().replace('127.0.0.1', 'objects.localhost').replace('/objects/', '/');
    const headers = await signedHeaders(url, { method: 'GET' });
    const host = new URL(url).host;
    const address = `${s3.url}/secret`;
    expect(await rawRequest(address, { headers: { ...headers, host } })).toMatchObject({
      status: 200,
      text: 'kept',
    });
    const evil = host.replace('localhost', 'evil.example');
    expect((await rawRequest(address, { headers: { ...headers, host: evil } })).status).toBe(403);
  });
});
