import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { makeS3Content, makeS3FindSource, makeS3Source } from '../../../../lib/adapters/aws/s3-content.ts';
import { startS3 } from '../../../../local/aws/s3/start-s3.ts';
import { listen } from '../../../../local/http.ts';
import { contentStoreContract } from '../../../contracts/content-store.ts';
import { awsKey, keys } from '../../../fixtures/aws-key.ts';

contentStoreContract('S3', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'everytoken-s3-'));
  const buckets = [{ id: 'ContentBucket', name: 'content', notifications: [], cors: [] }];
  const s3 = await startS3({
    keys,
    folder,
    buckets,
    region: 'us-east-1',
    sendToQueue: async () => {},
    log: () => {},
  });
  const client = new S3Client({
    endpoint: s3.url,
    region: 'us-east-1',
    credentials: awsKey,
    forcePathStyle: true,
  });
  const bucket = { client, bucket: 'content' };
  return {
    content: makeS3Content(bucket),
    readSource: makeS3Source(bucket),
    findSource: makeS3FindSource(bucket),
    close: async () => {
      client.destroy();
      await s3.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});

/** An S3 whose first answers break off in the middle. */
const serveBroken = async (broken: number) => {
  let calls = 0;
  const { url, close } = await listen(
    createServer((request, response) => {
      calls += 1;
      request.resume();
      response.setHeader('content-length', 10).write('12345');
      if (calls <= broken) setImmediate(() => response.destroy());
      else response.end('67890');
    }),
    0,
  );
  const client = new S3Client({
    ...{ endpoint: url, region: 'us-east-1', credentials: awsKey, forcePathStyle: true },
  });
  return { content: makeS3Content({ client, bucket: 'content' }), calls: () => calls, close };
};

test('an object whose body breaks off in the middle is read again', async () => {
  const { content, calls, close } = await serveBroken(2);
  expect(await content.get('outputs/a')).toBe('1234567890');
  expect(calls()).toBe(3);
  await close();
});

test('an object whose body keeps breaking off is a retryable error of S3', async () => {
  const { content, close } = await serveBroken(99);
  await expect(content.get('outputs/a')).rejects.toMatchObject({ service: 's3', retryable: true });
  await close();
});
