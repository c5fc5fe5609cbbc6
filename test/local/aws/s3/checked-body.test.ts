import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  type ChecksumAlgorithm,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startS3 } from '../../../../local/aws/s3/start-s3.ts';
import type { HttpListener } from '../../../../local/http.ts';
import { awsKey, keys } from '../../../fixtures/aws-key.ts';
import { signedHeaders } from '../../../fixtures/sign.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const Bucket = 'objects';
const Body = 'sound 🚀';
const OTHER = 'other 🚀';
const notified: string[] = [];
let server: HttpListener;
let s3: S3Client;

beforeAll(async () => {
  const everything = { event: 's3:ObjectCreated:*', queueArn: 'q', prefix: '', suffix: '' };
  server = await startS3({
    keys,
    ...{ folder: temporaryFolder(), region: 'us-east-1', log: () => {} },
    buckets: [{ id: 'Bucket', name: Bucket, notifications: [everything], cors: [] }],
    sendToQueue: async (_, body) => void notified.push(body),
  });
  s3 = new S3Client({
    ...{ endpoint: server.url, region: 'us-east-1', credentials: awsKey, maxAttempts: 1 },
  });
});
afterAll(async () => {
  s3.destroy();
  await server.close();
});

const md5 = (text: string) => createHash('md5').update(text).digest('base64');
const text = async (Key: string) => {
  const { Body: body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return body?.transformToString();
};
/** No test may leave an object or an event behind what it refused. */
const expectNothing = async (Key: string) => {
  await expect(text(Key)).rejects.toMatchObject({ name: 'NoSuchKey' });
  expect(notified.filter((event) => event.includes(`"${Key}"`))).toEqual([]);
};

/** Those that the SDK computes itself. */
const SERVED: ChecksumAlgorithm[] = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'];

describe('a checksum of the official SDK’s', () => {
  test.each(SERVED)('%s in a header is taken when it is right, and answered', async (ChecksumAlgorithm) => {
    const put = await s3.send(
      new PutObjectCommand({ Bucket, Key: ChecksumAlgorithm, Body, ChecksumAlgorithm }),
    );
    expect(put[`Checksum${ChecksumAlgorithm}` as 'ChecksumCRC32']).toMatch(/=$|^[\w+/]+$/);
    expect(await text(ChecksumAlgorithm)).toBe(Body);
  });

  test.each(SERVED)('%s in a header is refused when it is of other bytes', async (algorithm) => {
    const other = await s3.send(
      new PutObjectCommand({ Bucket, Key: 'other', Body: OTHER, ChecksumAlgorithm: algorithm }),
    );
    const name = `Checksum${algorithm}` as 'ChecksumCRC32';
    const Key = `wrong-${algorithm}`;
    const put = s3.send(new PutObjectCommand({ Bucket, Key, Body, [name]: other[name] }));
    await expect(put).rejects.toMatchObject({
      name: 'BadDigest',
      message: `The ${algorithm} you specified did not match the calculated checksum.`,
    });
    await expectNothing(Key);
  });

  test.each(SERVED)('%s in a trailer is taken when it is right', async (ChecksumAlgorithm) => {
    const stream = Readable.from([Buffer.from(Body.slice(0, 3)), Buffer.from(Body.slice(3))]);
    const Key = `stream-${ChecksumAlgorithm}`;
    const ContentLength = Buffer.byteLength(Body);
    await s3.send(
      new PutObjectCommand({
        Bucket,
        Key,
        Body: stream,
        ContentLength,
        ContentEncoding: 'x-own',
        ChecksumAlgorithm,
      }),
    );
    const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect([await got.Body?.transformToString(), got.ContentEncoding]).toEqual([Body, 'x-own']);
  });
});

/** A request that no SDK would send. */
const raw = async (path: string, headers: Record<string, string>, body: string, method = 'PUT') => {
  const url = `${server.url}/${Bucket}/${path}`;
  const signed = await signedHeaders(url, { method, headers });
  const response = await fetch(url, { method, headers: signed, body });
  return [response.status, /<Code>(.*)<\/Code>/.exec(await response.text())?.[1]];
};
const framed = (data: string, trailer: string) =>
  `${Buffer.byteLength(data).toString(16)}\r\n${data}\r\n0\r\n${trailer}\r\n`;
const chunked = (length: number, trailer = 'x-amz-checksum-crc32') => ({
  'content-encoding': 'aws-chunked',
  'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'x-amz-decoded-content-length': String(length),
  'x-amz-trailer': trailer,
});
/** CRC-32 of `123456789`: cbf43926. */
const CRC32 = 'y/Q5Jg==';
const DIGITS = '123456789';

describe('a body that is not what its request says is refused, and nothing is stored:', () => {
  test.each([
    ['another Content-MD5', { 'content-md5': md5(OTHER) }, Body, 'BadDigest'],
    ['another x-amz-checksum-md5', { 'x-amz-checksum-md5': md5(OTHER) }, Body, 'BadDigest'],
    ['a Content-MD5 that is none', { 'content-md5': 'no digest' }, Body, 'InvalidDigest'],
    ['a Content-MD5 in hexadecimal', { 'content-md5': '0'.repeat(32) }, Body, 'InvalidDigest'],
    [
      'another x-amz-content-sha256',
      { 'x-amz-content-sha256': '0'.repeat(64) },
      Body,
      'XAmzContentSHA256Mismatch',
    ],
    ['a checksum that is too short', { 'x-amz-checksum-crc32': 'AAA=' }, Body, 'InvalidRequest'],
    [
      'two checksums',
      { 'x-amz-checksum-crc32': CRC32, 'x-amz-checksum-sha1': 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' },
      DIGITS,
      'InvalidRequest',
    ],
    [
      'a checksum that it does not know',
      { 'x-amz-checksum-xxhash3': 'AAAAAAAAAAA=' },
      Body,
      'NotImplemented',
    ],
    ['another trailer', chunked(9), framed(DIGITS, 'x-amz-checksum-crc32:AAAAAA==\r\n'), 'BadDigest'],
    ['a trailer that is missing', chunked(9), framed(DIGITS, ''), 'MalformedTrailerError'],
    [
      'a trailer of another name',
      chunked(9, 'x-amz-checksum-sha1'),
      framed(DIGITS, `x-amz-checksum-crc32:${CRC32}\r\n`),
      'MalformedTrailerError',
    ],
    [
      'a body that is shorter',
      chunked(10),
      framed(DIGITS, `x-amz-checksum-crc32:${CRC32}\r\n`),
      'IncompleteBody',
    ],
    ['a body that ends within a chunk', chunked(9), '9\r\n1234', 'IncompleteBody'],
    ['a body without sizes', chunked(9), 'zz\r\n123456789\r\n', 'InvalidRequest'],
  ])('%s', async (name, headers, body, code) => {
    const Key = name.replaceAll(' ', '-');
    expect((await raw(Key, headers, body))[1]).toBe(code);
    await expectNothing(Key);
  });

  test('a right one is stored, without the framing', async () => {
    const trailer = `x-amz-checksum-crc32:${CRC32}\r\nx-amz-trailer-signature:s\r\n`;
    expect(await raw('right-trailer', chunked(9), framed(DIGITS, trailer))).toEqual([200, undefined]);
    expect(await text('right-trailer')).toBe(DIGITS);
    for (const name of ['content-md5', 'x-amz-checksum-md5']) {
      expect(await raw('right-md5', { [name]: md5(Body) }, Body)).toEqual([200, undefined]);
    }
  });

  test('a key whose escape is malformed', async () => {
    expect(await raw('%F0%9F', {}, Body)).toEqual([400, 'InvalidURI']);
  });

  test('an object that is put in parts', async () => {
    const large = 'x'.repeat(20 * 1024 * 1024);
    expect(await raw('large', { 'content-md5': md5('y') }, large)).toEqual([400, 'BadDigest']);
    expect(await raw('large', { 'x-amz-checksum-crc64nvme': 'AAAAAAAAAAA=' }, large)).toEqual([
      400,
      'BadDigest',
    ]);
    await expectNothing('large');
  });

  test('a list of objects to delete', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'kept', Body }));
    const list = '<Delete><Object><Key>kept</Key></Object></Delete>';
    expect(await raw('?delete', { 'content-md5': md5('other') }, list, 'POST')).toEqual([400, 'BadDigest']);
    expect(await text('kept')).toBe(Body);
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'kept' }] } }));
    await expect(text('kept')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });
});

describe('a part of a multipart upload', () => {
  test.each(SERVED)('is taken with the right %s and refused with another', async (ChecksumAlgorithm) => {
    const object = { Bucket, Key: `parts-${ChecksumAlgorithm}` };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...object, ChecksumAlgorithm }));
    const part = { ...object, UploadId, PartNumber: 1, ChecksumAlgorithm };
    const name = `Checksum${ChecksumAlgorithm}` as 'ChecksumCRC32';
    const { ETag, [name]: checksum } = await s3.send(new UploadPartCommand({ ...part, Body }));
    const wrong = s3.send(new UploadPartCommand({ ...part, Body: OTHER, [name]: checksum }));
    await expect(wrong).rejects.toMatchObject({ name: 'BadDigest' });
    const Parts = [{ PartNumber: 1, ETag, [name]: checksum }];
    await s3.send(new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts } }));
    expect(await text(object.Key)).toBe(Body);
  });

  test('is refused with another Content-MD5, and a checksum of the whole is refused by name', async () => {
    const object = { Bucket, Key: 'parts' };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(object));
    const query = `parts?partNumber=1&uploadId=${UploadId}`;
    expect(await raw(query, { 'content-md5': md5(OTHER) }, Body)).toEqual([400, 'BadDigest']);
    const { ETag } = await s3.send(new UploadPartCommand({ ...object, UploadId, PartNumber: 1, Body }));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    const whole = new CompleteMultipartUploadCommand({
      ...object,
      UploadId,
      MultipartUpload,
      ChecksumCRC32: CRC32,
    });
    await expect(s3.send(whole)).rejects.toMatchObject({ name: 'NotImplemented' });
    await expectNothing('parts');
  });
});
