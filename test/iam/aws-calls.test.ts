import { describe, expect, test } from 'vitest';
import { callsOf, type Service, signerOf } from './aws-calls.ts';

const place = { region: 'us-east-1', account: '000000000000' };
type Asked = { method?: string; url?: string; headers?: Record<string, string>; status?: number };

const needed = (
  service: Service,
  { method = 'POST', url = '/', headers = {}, status = 200 }: Asked,
  body = {},
) =>
  callsOf(service, { method, url, headers, status, body: Buffer.from(JSON.stringify(body)) }, place).map(
    ({ action, resource }) => `${action} ${resource}`,
  );
const target = (name: string): Asked => ({ headers: { 'x-amz-target': name } });

describe('a request to S3 needs', () => {
  const object = 'arn:aws:s3:::b/a key';
  test.each([
    ['GET', '', [`s3:GetObject ${object}`]],
    ['HEAD', '', [`s3:GetObject ${object}`]],
    ['DELETE', '', [`s3:DeleteObject ${object}`]],
    ['PUT', '?x-id=PutObject', [`s3:PutObject ${object}`]],
    ['POST', '?uploads', [`s3:PutObject ${object}`]],
    ['PUT', '?partNumber=1&uploadId=u', [`s3:PutObject ${object}`]],
    ['POST', '?uploadId=u', [`s3:PutObject ${object}`]],
    ['DELETE', '?uploadId=u', [`s3:AbortMultipartUpload ${object}`]],
    ['GET', '?uploadId=u', [`s3:ListMultipartUploadParts ${object}`]],
  ])('%s of an object with %j: %j', (method, query, calls) => {
    expect(needed('s3', { method, url: `/b/a%20key${query}` })).toEqual(calls);
  });

  test('GetObject of the source and PutObject of the target, for a copy', () => {
    const headers = { 'x-amz-copy-source': 'b/from%20here' };
    expect(needed('s3', { method: 'PUT', url: '/b/to', headers })).toEqual([
      's3:PutObject arn:aws:s3:::b/to',
      's3:GetObject arn:aws:s3:::b/from here',
    ]);
  });

  test('ListBucket, for a list and for a 404 of an object', () => {
    expect(needed('s3', { method: 'GET', url: '/b?list-type=2&prefix=p' })).toEqual([
      's3:ListBucket arn:aws:s3:::b',
    ]);
    expect(needed('s3', { method: 'GET', url: '/b/k', status: 404 })).toContain(
      's3:ListBucket arn:aws:s3:::b',
    );
  });

  test.each([
    { method: 'POST', url: '/b?delete' },
    { method: 'GET', url: '/b/k?versionId=1' },
    { method: 'PUT', url: '/b/k', headers: { 'x-amz-tagging': 'a=b' } },
  ])('an error where the needed actions are not known: %j', (request) => {
    expect(() => needed('s3', request)).toThrow('S3');
  });
});

describe('a request to the other services needs', () => {
  test('its operation on its table or index, queue, bus or parameter', () => {
    const arn = (service: string, name: string) => `arn:aws:${service}:us-east-1:000000000000:${name}`;
    const queue = { QueueUrl: 'http://127.0.0.1:1/000000000000/Jobs' };
    expect([
      ...needed('dynamodb', target('DynamoDB_20120810.GetItem'), {
        TableName: 't',
        Key: { pk: { S: 'RUN#1' } },
      }),
      ...needed('dynamodb', target('DynamoDB_20120810.Query'), {
        ...{
          TableName: 't',
          IndexName: 'due',
          KeyConditionExpression: 'due_shard = :shard AND due_at < :at',
        },
        ExpressionAttributeValues: { ':shard': { N: '3' }, ':at': { N: '1' } },
      }),
      ...needed('sqs', target('AmazonSQS.SendMessageBatch'), queue),
      ...needed('events', target('AWSEvents.PutEvents'), {
        Entries: [{ EventBusName: 'a' }, { EventBusName: 'b' }, { EventBusName: 'a' }],
      }),
      ...needed('ssm', target('AmazonSSM.GetParameter'), { Name: '/x/y' }),
    ]).toEqual([
      `dynamodb:GetItem ${arn('dynamodb', 'table/t')}`,
      `dynamodb:Query ${arn('dynamodb', 'table/t/index/due')}`,
      `sqs:SendMessage ${arn('sqs', 'Jobs')}`,
      `events:PutEvents ${arn('events', 'event-bus/a')}`,
      `events:PutEvents ${arn('events', 'event-bus/b')}`,
      `ssm:GetParameter ${arn('ssm', 'parameter/x/y')}`,
    ]);
  });

  test.each([
    [{ Key: { pk: { S: 'RUN#run_1' }, sk: { S: 'RUN' } } }, 'RUN#any'],
    [{ Item: { pk: { S: 'SPEND#CALLER#a\nb' }, sk: { S: '2026-11-29' } } }, 'SPEND#CALLER#any'],
    [
      { KeyConditionExpression: 'list_pk = :pk', ExpressionAttributeValues: { ':pk': { S: 'APIKEY' } } },
      'APIKEY',
    ],
    [{ KeyConditionExpression: 'due_shard = :s', ExpressionAttributeValues: { ':s': { N: '7' } } }, '7'],
  ])('the kind of its partition key on a table: %j', (body, leading) => {
    const request = {
      method: 'POST',
      url: '/',
      headers: { 'x-amz-target': 'DynamoDB_20120810.Any' },
      status: 200,
    };
    const bytes = Buffer.from(JSON.stringify({ TableName: 't', ...body }));
    expect(callsOf('dynamodb', { ...request, body: bytes }, place)).toMatchObject([
      { context: { 'dynamodb:LeadingKeys': [leading] } },
    ]);
  });

  test('an error when it names no partition key', () => {
    expect(() => needed('dynamodb', target('DynamoDB_20120810.Scan'), { TableName: 't' })).toThrow('Scan');
  });

  test('an error when it names no single resource', () => {
    expect(() => needed('dynamodb', target('DynamoDB_20120810.BatchGetItem'), {})).toThrow('BatchGetItem');
  });
});

test('a request belongs to the function that signed it, a presigned URL to the function that made it', () => {
  const authorization =
    'AWS4-HMAC-SHA256 Credential=Api/20261122/us-east-1/s3/aws4_request, SignedHeaders=host';
  expect(signerOf({ url: '/', headers: { authorization } })).toBe('Api');
  expect(signerOf({ url: '/b/k?X-Amz-Credential=Api%2F20261122%2Fus-east-1', headers: {} })).toBe('Api');
  expect(signerOf({ url: '/b/k', headers: {} })).toBeUndefined();
});
