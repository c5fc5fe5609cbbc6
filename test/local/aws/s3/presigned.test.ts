import { createHash } from 'node:crypto';
import { GetObjectCommand, HeadObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeS3Presign } from '../../../../lib/adapters/aws/s3-presign.ts';
import { startS3 } from '../../../../local/aws/s3/start-s3.ts';
import type { HttpListener } from '../../../../local/http.ts';
import { awsKey, awsVariables, keys } from '../../../fixtures/aws-key.ts';
import { rawRequest } from '../../../fixtures/raw-request.ts';
import { presignedUrl } from '../../../fixtures/sign.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const Bucket = 'objects';
const BODY = 'a,b\n1,2\n';
const HEADERS = { 'content-type': 'text/csv', 'if-none-match': '*' };
const page = { origin: 'https://app.example', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' };
let server: HttpListener;
let s3: S3Client;
let number = 0;

beforeAll(async () => {
  const cors = {
    origins: ['*'],
    methods: ['GET', 'PUT'],
    headers: ['content-type', 'if-none-match'],
    expose: [],
  };
  server = await startS3({
    ...{ keys, folder: temporaryFolder(), region: 'us-east-1', log: () => {}, sendToQueue: async () => {} },
    buckets: [{ id: 'Bucket', name: Bucket, notifications: [], cors: [cors] }],
  });
  s3 = new S3Client({ endpoint: server.url, region: 'us-east-1', credentials: awsKey, maxAttempts: 1 });
  Object.assign(process.env, awsVariables, { AWS_ENDPOINT_URL_S3: server.url, AWS_REGION: 'us-east-1' });
});
afterAll(async () => {
  s3?.destroy();
  await server?.close();
});

/** The URL of an upload as POST /files answers it, for a key of its own. */
const newUpload = async (bytes = BODY.length) => {
  number += 1;
  const key = `prompts/@local/${number}/table.csv`;
  const url = await makeS3Presign(Bucket).put(key, { contentType: 'text/csv', bytes, seconds: 60 });
  return { key, url };
};
const put = async (url: string, { headers = HEADERS as Record<string, string>, body = BODY } = {}) => {
  const { status, text } = await rawRequest(url, { method: 'PUT', headers, body });
  return [status, /<Code>(.*)<\/Code>/.exec(text)?.[1]];
};
const stored = async (Key: string): Promise<string | undefined> => {
  try {
    return await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
  } catch (error) {
    if (error instanceof S3ServiceException && error.name === 'NoSuchKey') return undefined;
    throw error;
  }
};

describe('the URL of an upload', () => {
  test('takes the announced bytes once, and never again', async () => {
    const { key, url } = await newUpload();
    expect(await put(url)).toEqual([200, undefined]);
    expect(await put(url)).toEqual([412, 'PreconditionFailed']);
    expect(await put(url, { body: 'x,y\n3,4\n' })).toEqual([412, 'PreconditionFailed']);
    expect(await stored(key)).toBe(BODY);
  });

  test('takes no other bytes than announced: more, fewer, of another type, or that may replace an object', async () => {
    const { key, url } = await newUpload();
    const { 'if-none-match': _, ...mayReplace } = HEADERS;
    for (const other of [
      { body: `${BODY}3,4\n` },
      { body: BODY.slice(1) },
      { headers: { ...HEADERS, 'content-type': 'text/html' } },
      { headers: mayReplace },
      { headers: { ...HEADERS, 'if-none-match': '"etag"' } },
    ]) {
      expect(await put(url, other)).toEqual([403, 'SignatureDoesNotMatch']);
    }
    expect(await stored(key)).toBeUndefined();
  });

  test('does nothing else: no other key, operation, header or time', async () => {
    const { key, url } = await newUpload();
    expect(await put(url.replace(`/${number}/`, '/other/'))).toEqual([403, 'SignatureDoesNotMatch']);
    expect(await put(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=6000'))).toEqual([
      403,
      'SignatureDoesNotMatch',
    ]);
    expect(await put(url.replace('127.0.0.1', 'localhost'))).toEqual([403, 'SignatureDoesNotMatch']);
    expect((await rawRequest(url)).status).toBe(403);
    expect((await rawRequest(url, { method: 'DELETE' })).status).toBe(403);
    const copying = { ...HEADERS, 'x-amz-copy-source': '/objects/other' };
    expect(await put(url, { headers: copying })).toEqual([403, 'AccessDenied']);
    expect(await put(`${url}&uploadId=x&partNumber=1`)).toEqual([403, 'SignatureDoesNotMatch']);
    expect(await stored(key)).toBeUndefined();
  });

  test('is refused after its expiry, before its time, and for longer than a week', async () => {
    const address = `${server.url}/${Bucket}/late.csv`;
    const raw = { method: 'PUT', headers: { 'content-type': 'text/csv' } };
    const at = (ms: number) => new Date(Date.now() + ms);
    const late = await rawRequest(await presignedUrl(address, raw, { at: at(-61_000) }), {
      ...raw,
      body: 'x',
    });
    expect([late.status, late.text]).toEqual([403, expect.stringContaining('Request has expired')]);
    const early = await put(await presignedUrl(address, raw, { at: at(3_600_000) }), raw);
    expect(early).toEqual([403, 'AccessDenied']);
    const valid = await presignedUrl(address, raw);
    expect(await put(valid.replace('X-Amz-Expires=60', 'X-Amz-Expires=604801'), raw)).toEqual([
      400,
      'AuthorizationQueryParametersError',
    ]);
    expect(await put(valid.replace(/&X-Amz-Date=\w+/, ''), raw)).toEqual([
      400,
      'AuthorizationQueryParametersError',
    ]);
    expect(await put(valid, raw)).toEqual([200, undefined]);
  });

  test('may be used by a page of any origin that the bucket’s rules allow', async () => {
    const { key, url } = await newUpload();
    const asked = {
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'content-type,if-none-match',
    };
    const preflight = await rawRequest(url, { method: 'OPTIONS', headers: { ...page, ...asked } });
    expect([preflight.status, preflight.headers['access-control-allow-headers']]).toEqual([
      200,
      'content-type, if-none-match',
    ]);
    const { status, headers } = await rawRequest(url, {
      method: 'PUT',
      headers: { ...HEADERS, ...page },
      body: BODY,
    });
    expect([status, headers['access-control-allow-origin']]).toEqual([200, '*']);
    const download = await rawRequest(await makeS3Presign(Bucket).get(key, 60), { headers: page });
    expect([download.status, download.text]).toEqual([200, BODY]);
    const forged = await rawRequest(`${server.url}/${Bucket}/${key}?X-Amz-Signature=x`, { headers: page });
    expect([forged.status, forged.text]).toEqual([400, expect.not.stringContaining('1,2')]);
  });

  test('serves a download under the name that it was signed with', async () => {
    const { key, url } = await newUpload();
    await put(url);
    const address = `${server.url}/${Bucket}/${key}?response-content-disposition=attachment`;
    const got = await rawRequest(await presignedUrl(address, { method: 'GET' }));
    expect([got.status, got.headers['content-disposition']]).toEqual([200, 'attachment']);
  });
});

describe('of two uploads to one URL at the same time', () => {
  test('one creates the object, and the other is refused as a conflict or as too late', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { key, url } = await newUpload();
      const bodies = [BODY, BODY.toUpperCase(), BODY.replace('1', '8'), BODY.replace('2', '9')];
      const answers = await Promise.all(bodies.map((body) => put(url, { body })));
      const created = answers.flatMap(([status], at) => (status === 200 ? [bodies[at]] : []));
      expect(created).toEqual([await stored(key)]);
      for (const [status, code] of answers.filter(([each]) => each !== 200))
        expect([
          [409, 'ConditionalRequestConflict'],
          [412, 'PreconditionFailed'],
        ]).toContainEqual([status, code]);
    }
  });

  test('a large one keeps the promise, too', async () => {
    const bytes = 9 * 1024 * 1024; // stored in parts
    const { key, url } = await newUpload(bytes);
    const [a, b] = ['a', 'b'].map((letter) => letter.repeat(bytes));
    const answers = await Promise.all([a, b].map((body) => put(url, { body: body ?? '' })));
    const statuses = answers.map(([status]) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409 || status === 412)).toHaveLength(1);
    expect(await put(url, { body: b ?? '' })).toEqual([412, 'PreconditionFailed']);
    const winner = answers[0]?.[0] === 200 ? a : b;
    const digest = (text = '') => createHash('sha256').update(text).digest('hex');
    expect(digest(await stored(key))).toBe(digest(winner));
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: key }))).ContentLength).toBe(bytes);
  });
});
