import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { makeS3Content, makeS3Source } from '../../../lib/adapters/s3-content.ts';
import { localCredentials } from '../../../local/aws/local-credentials.ts';
import { startS3Front } from '../../../local/aws/s3/start-s3-front.ts';
import { startQueuesAndObjects } from '../../../local/aws/start-queues-and-objects.ts';
import { contentStoreContract } from '../../contracts/content-store.ts';

contentStoreContract('S3', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'everytoken-s3-'));
  const buckets = [{ id: 'ContentBucket', name: 'content', notifications: [], cors: [] }];
  const store = await startQueuesAndObjects({
    folder,
    queues: [],
    buckets,
    region: 'us-east-1',
    account: '000000000000',
  });
  const front = await startS3Front({
    storeUrl: store.url,
    buckets,
    region: 'us-east-1',
    sendToQueue: async () => {},
    log: () => {},
  });
  const client = new S3Client({
    endpoint: front.url,
    region: 'us-east-1',
    credentials: localCredentials,
    forcePathStyle: true,
  });
  const bucket = { client, bucket: 'content' };
  return {
    content: makeS3Content(bucket),
    readSource: makeS3Source(bucket),
    close: async () => {
      client.destroy();
      await front.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
