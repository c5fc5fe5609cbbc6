import { PutObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startS3 } from '../../../../local/aws/s3/start-s3.ts';
import type { HttpListener } from '../../../../local/http.ts';
import { awsKey, keys } from '../../../fixtures/aws-key.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const KEYS = ['a', 'B', '%2F', '@/x', '~', 'é', '漢', 'a b', '_', '1', 'Z/y', 'a/b', '🚀', '\uFFFD', '🚀/x'];

let store: HttpListener;
let client: S3Client;
beforeAll(async () => {
  const bucket = { id: 'Bucket', name: 'bucket', notifications: [], cors: [] };
  store = await startS3({
    keys,
    ...{ folder: temporaryFolder(), buckets: [bucket], region: 'us-east-1' },
    sendToQueue: async () => {},
    log: () => {},
  });
  const credentials = awsKey;
  client = new S3Client({ endpoint: store.url, region: 'us-east-1', credentials, forcePathStyle: true });
  for (const Key of KEYS) await client.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body: 'x' }));
});
afterAll(async () => {
  client.destroy();
  await store.close();
});

test.each([1, 2, 5])(
  'every key is listed once, in the order of UTF-8, whatever characters it has, in pages of %i',
  async (pageSize) => {
    const listed: string[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2({ client, pageSize }, { Bucket: 'bucket' }))
      listed.push(...Contents.map(({ Key = '' }) => Key));
    expect(listed).toEqual(KEYS.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  },
);
