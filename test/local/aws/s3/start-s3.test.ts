import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import {
  DeleteObjectsCommand,
  GetBucketAclCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startS3 } from '../../../../local/aws/s3/start-s3.ts';
import type { HttpListener } from '../../../../local/http.ts';
import { awsKey, keys } from '../../../fixtures/aws-key.ts';
import { signedHeaders } from '../../../fixtures/sign.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const buckets = [
  {
    id: 'Bucket',
    name: 'objects',
    notifications: [
      {
        event: 's3:ObjectCreated:*',
        queueArn: 'arn:aws:sqs:us-east-1:000000000000:q',
        prefix: 'in/',
        suffix: '',
      },
    ],
    cors: [{ origins: ['http://127.0.0.1:*'], methods: ['PUT', 'GET'], headers: ['*'], expose: ['ETag'] }],
  },
];
const sent: string[] = [];
let queueIsUp = true;
let front: HttpListener;
let s3: S3Client;
const Bucket = 'objects';

beforeAll(async () => {
  front = await startS3({
    keys,
    folder: temporaryFolder(),
    buckets,
    region: 'us-east-1',
    sendToQueue: async (_, body) => {
      if (!queueIsUp) throw new Error('the queue is down');
      sent.push(body);
    },
    log: () => {},
  });
  // No forcePathStyle: with an IP address as endpoint the SDK uses paths anyway.
  s3 = new S3Client({
    region: 'us-east-1',
    endpoint: front.url,
    credentials: awsKey,
    maxAttempts: 1,
  });
});
afterAll(async () => {
  s3.destroy();
  await front.close();
});

const text = async (Key: string) =>
  (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();

describe('the official SDK through the local S3', () => {
  test.each([
    'a b+c/é&=?#.txt',
    '🚀/漢 🧪.txt',
    'x//y',
    `${'long/'.repeat(60)}name`,
    'percent%20',
    "quote'()*!~",
    '../up',
  ])('keeps and lists the key %s', async (Key) => {
    await s3.send(
      new PutObjectCommand({
        Bucket,
        Key,
        Body: `in ${Key}`,
        ContentType: 'text/plain',
        Metadata: { own: 'm' },
      }),
    );
    expect(await text(Key)).toBe(`in ${Key}`);
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key }))).toMatchObject({
      ContentType: 'text/plain',
      Metadata: { own: 'm' },
    });
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: Key }));
    expect(Contents?.map((object) => object.Key)).toEqual([Key]);
  });

  test('reads ranges, and reads conditionally by an ETag with or without quotes', async () => {
    const { ETag = '' } = await s3.send(new PutObjectCommand({ Bucket, Key: 'r', Body: '0123456789' }));
    const range = await s3.send(
      new GetObjectCommand({ Bucket, Key: 'r', Range: 'bytes=2-4', IfMatch: ETag.replaceAll('"', '') }),
    );
    expect(await range.Body?.transformToString()).toBe('234');
    const changed = s3.send(new GetObjectCommand({ Bucket, Key: 'r', IfMatch: '"other"' }));
    await expect(changed).rejects.toMatchObject({ $metadata: { httpStatusCode: 412 } });
  });

  test('stores an empty object and a streamed one', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'empty', Body: '' }));
    expect(await text('empty')).toBe('');
    const body = Readable.from([Buffer.from('streamed '), Buffer.from('body')]);
    await s3.send(new PutObjectCommand({ Bucket, Key: 'streamed', Body: body, ContentLength: 13 }));
    expect(await text('streamed')).toBe('streamed body');
  });

  test('stores an object larger than one request to the store may be', async () => {
    const bytes = Buffer.alloc(20 * 1024 * 1024 + 7, 'abcdefghijk');
    sent.length = 0;
    const chunks = Readable.from([bytes.subarray(0, 9_999_999), bytes.subarray(9_999_999)]);
    await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: 'in/large',
        Body: chunks,
        ContentLength: bytes.length,
        ContentType: 'text/csv',
        Metadata: { own: 'm' },
      }),
    );
    const { Body, ContentType, Metadata, ETag } = await s3.send(
      new GetObjectCommand({ Bucket, Key: 'in/large' }),
    );
    const digest = createHash('sha256').update((await Body?.transformToByteArray()) ?? '');
    expect(digest.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect([ContentType, Metadata]).toEqual(['text/csv', { own: 'm' }]);
    const [event = '{}'] = sent;
    expect(JSON.parse(event).Records[0]).toMatchObject({
      eventName: 'ObjectCreated:Put',
      s3: { object: { size: bytes.length, eTag: ETag?.replaceAll('"', '') } },
    });
  });

  test('deletes several objects at once', async () => {
    for (const Key of ['d/1', 'd/2']) await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'd/1' }, { Key: 'd/2' }] } }),
    );
    expect((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'd/' }))).KeyCount).toBe(0);
    await s3.send(new HeadBucketCommand({ Bucket }));
  });

  test('gets S3’s NoSuchKey for a missing object', async () => {
    await expect(text('nothing')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test.each([
    [
      'object tags',
      () => s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'kept', Tagging: { TagSet: [] } })),
    ],
    ['reading tags', () => s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'kept' }))],
    [
      'a write that depends on an ETag',
      () => s3.send(new PutObjectCommand({ Bucket, Key: 'kept', Body: 'new', IfMatch: '"a"' })),
    ],
    [
      'tags on a write',
      () => s3.send(new PutObjectCommand({ Bucket, Key: 'kept', Body: 'new', Tagging: 'a=b' })),
    ],
    [
      'a public ACL',
      () => s3.send(new PutObjectCommand({ Bucket, Key: 'kept', Body: 'new', ACL: 'public-read' })),
    ],
    ['versions', () => s3.send(new GetObjectCommand({ Bucket, Key: 'kept', VersionId: 'v' }))],
    [
      'versioning',
      () =>
        s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } })),
    ],
    ['a list of uploads', () => s3.send(new ListMultipartUploadsCommand({ Bucket }))],
    ['a list of parts', () => s3.send(new ListPartsCommand({ Bucket, Key: 'kept', UploadId: 'u' }))],
    ['an ACL', () => s3.send(new GetBucketAclCommand({ Bucket }))],
  ] satisfies [string, () => Promise<unknown>][])(
    'is refused %s, which leaves the object unchanged',
    async (_, send) => {
      await s3.send(new PutObjectCommand({ Bucket, Key: 'kept', Body: 'old' }));
      await expect(send()).rejects.toMatchObject({
        name: 'NotImplemented',
        $metadata: { httpStatusCode: 501 },
      });
      expect(await text('kept')).toBe('old');
    },
  );

  test('fails a write whose event SQS does not accept', async () => {
    queueIsUp = false;
    const put = s3.send(new PutObjectCommand({ Bucket, Key: 'in/lost', Body: 'x' }));
    await expect(put).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
    queueIsUp = true;
  });
});

test.each([1_000, 30_000_000])('leaves nothing of an upload of %i bytes that breaks off', async (length) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const url = `${front.url}/${Bucket}/broken`;
  const headers = await signedHeaders(url, { method: 'PUT', headers: { 'content-length': String(length) } });
  const upload = request(url, { method: 'PUT', headers });
  upload.on('error', () => resolve());
  upload.write(Buffer.alloc(length / 2), () => upload.destroy(new Error('gone')));
  await promise;
  await expect(text('broken')).rejects.toMatchObject({ name: 'NoSuchKey' });
  await s3.send(new PutObjectCommand({ Bucket, Key: 'after', Body: 'still there' }));
  expect(await text('after')).toBe('still there');
});

test('a browser’s preflight is answered by the rules of the bucket', async () => {
  const ask = (origin: string, method: string) =>
    fetch(`${front.url}/${Bucket}/k?X-Amz-Signature=of-the-upload`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': method,
        'access-control-request-headers': 'content-type',
      },
    });
  const allowed = await ask('http://127.0.0.1:3000', 'PUT');
  expect([allowed.status, allowed.headers.get('access-control-allow-headers')]).toEqual([
    200,
    'content-type',
  ]);
  expect((await ask('http://evil.example', 'PUT')).status).toBe(403);
  expect((await ask('http://127.0.0.1:3000', 'DELETE')).status).toBe(403);
});
