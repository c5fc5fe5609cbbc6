import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { StackFile } from '../../local/start-stack.ts';
import { localAwsClients } from '../local-aws-clients.ts';

/** How a stack is offered files, and read past everytoken. Every start of a stack has other addresses. */
export const stackClients = (file: StackFile) => {
  const { destroy, ...clients } = localAwsClients(file);
  // S3 takes a repeated put for another object, with an event of its own. A repeated read does no harm.
  const once = localAwsClients(file, { maxAttempts: 1 });
  const [bucket = ''] = Object.values(file.buckets);
  return {
    ...clients,
    ...{ api: file.api, table: file.table ?? '', index: file.index, bucket, queues: file.queues },
    put: async (key: string, body: string | Uint8Array): Promise<void> => {
      await once.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    },
    destroy: () => {
      destroy();
      once.destroy();
    },
  };
};

export type StackClients = ReturnType<typeof stackClients>;
