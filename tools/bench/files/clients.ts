import { Agent, request } from 'node:http';
import type { Readable } from 'node:stream';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { makeDynamoFileStore } from '../../../lib/adapters/dynamodb/file-store.ts';
import type { StackFile } from '../../../local/start-stack.ts';
import { localAwsClients } from '../../local-aws-clients.ts';

/** The vendor's clients on the addresses of a stack.json; every start of a stack has other ones. */
export const clientsOf = (file: StackFile) => {
  const { dynamodb, s3, destroy } = localAwsClients(file);
  const agent = new Agent({ keepAlive: true });
  const table = file.table ?? '';
  const [Bucket = ''] = Object.values(file.buckets);
  return {
    ...{ dynamodb, bucket: Bucket, table, files: makeDynamoFileStore({ client: dynamodb, table }) },
    /** Gives the object's ETag, without quotes. */
    put: async (Key: string, Body: string | Readable, ContentLength?: number): Promise<string> => {
      const { ETag = '' } = await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentLength }));
      return ETag.replaceAll('"', '');
    },
    putSmall: (key: string, body: string) => putPlainly(`${file.s3}/${Bucket}/${key}`, body, agent),
    remove: async (Key: string): Promise<void> => {
      await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    },
    text: async (Key: string): Promise<string> =>
      (await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString()) ?? '',
    stream: async (Key: string): Promise<Readable> =>
      (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body as Readable,
    destroy: () => {
      destroy();
      agent.destroy();
    },
  };
};

/** For very many small objects: the SDK takes longer over a request than the server does. */
const putPlainly = (url: string, body: string, agent: Agent): Promise<void> =>
  new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'PUT', agent, headers: { 'content-type': 'application/json' } });
    outgoing.on('error', reject).on('response', (response) => {
      response.resume().on('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`PUT ${url}: ${response.statusCode}`));
      });
    });
    outgoing.end(body);
  });

export type Clients = ReturnType<typeof clientsOf>;
