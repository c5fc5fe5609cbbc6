import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { StackFile } from '../../local/start-stack.ts';

/** The vendor's clients on the addresses of a stack.json. Every start of a stack has other ones. */
export const stackClients = (file: StackFile) => {
  const common = {
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  };
  // What is put again is another object to S3, with an event of its own; whoever reads may read again.
  const once = { ...common, maxAttempts: 1 };
  const dynamodb = new DynamoDBClient({ ...common, endpoint: file.dynamodb });
  const s3 = new S3Client({ ...common, endpoint: file.s3, forcePathStyle: true });
  const putting = new S3Client({ ...once, endpoint: file.s3, forcePathStyle: true });
  const sqs = new SQSClient({ ...common, endpoint: file.sqs });
  const [bucket = ''] = Object.values(file.buckets);
  return {
    ...{ api: file.api, table: file.table ?? '', index: file.index, bucket, dynamodb, s3, sqs },
    queues: file.queues,
    put: async (key: string, body: string | Uint8Array): Promise<void> => {
      await putting.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    },
    destroy: () => {
      dynamodb.destroy();
      s3.destroy();
      putting.destroy();
      sqs.destroy();
    },
  };
};

export type StackClients = ReturnType<typeof stackClients>;
