import { createReadStream } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { makeDynamoFileStore } from '../../../lib/adapters/dynamodb/file-store.ts';
import type { PromptFile } from '../../../lib/files/prompt-file.ts';
import { fileIdOf } from '../../../lib/files/read/intake.ts';
import type { StackFile } from '../../../local/start-stack.ts';
import { localAwsClients } from '../../local-aws-clients.ts';
import { writePromptFile } from './prompt-lines.ts';

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

export type Source = { path: string; bytes: number };

/** A file of so many lines on this machine. */
export const makeSource = async (folder: string, name: string, lines: number): Promise<Source> => {
  const path = join(folder, `${name}.jsonl`);
  return { path, bytes: await writePromptFile(path, lines) };
};

/** Puts a file of this machine into the bucket; gives the object's ETag. */
export const upload = ({ path, bytes }: Source, key: string, clients: Clients): Promise<string> =>
  clients.put(key, createReadStream(path), bytes);

const ASIDE = 'bench/etag';

/** The id that a file will have once it is put to `key`: its ETag is found out under a key that is no prompt file. */
export const idBeforehand = async (
  source: Source,
  key: string,
  clients: Clients,
): Promise<PromptFile['id']> => {
  const etag = await upload(source, ASIDE, clients);
  await clients.remove(ASIDE);
  return fileIdOf({ bucket: clients.bucket, key, etag });
};
