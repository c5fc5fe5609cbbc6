import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { makeDynamoFileStore } from '../../../lib/adapters/dynamodb/file-store.ts';
import type { PromptFile } from '../../../lib/files/prompt-file.ts';
import { fileIdOf } from '../../../lib/files/read/intake.ts';
import { awsCredentialsIn, type StackFile } from '../../../local/stack-file.ts';
import { localAwsClients } from '../../local-aws-clients.ts';
import { writePromptFile } from './prompt-lines.ts';

/** Clients for the addresses in a stack.json. The addresses change with every start of a stack. */
export const clientsOf = (file: StackFile) => {
  const { dynamodb, s3, destroy } = localAwsClients(file, awsCredentialsIn(file));
  const table = file.table ?? '';
  const [Bucket = ''] = Object.values(file.buckets);
  return {
    ...{ dynamodb, bucket: Bucket, table, files: makeDynamoFileStore({ client: dynamodb, table }) },
    /** Returns the object's ETag, without quotes. */
    put: async (Key: string, Body: string | Readable, ContentLength?: number): Promise<string> => {
      const { ETag = '' } = await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentLength }));
      return ETag.replaceAll('"', '');
    },
    remove: async (Key: string): Promise<void> => {
      await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    },
    text: async (Key: string): Promise<string> =>
      (await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString()) ?? '',
    stream: async (Key: string): Promise<Readable> =>
      (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body as Readable,
    destroy,
  };
};

export type Clients = ReturnType<typeof clientsOf>;

export type Source = { path: string; bytes: number };

/** Writes a prompt file of `lines` lines to the local disk. */
export const makeSource = async (folder: string, name: string, lines: number): Promise<Source> => {
  const path = join(folder, `${name}.jsonl`);
  return { path, bytes: await writePromptFile(path, lines) };
};

/** Uploads a local file to the bucket and returns the object's ETag. */
export const upload = ({ path, bytes }: Source, key: string, clients: Clients): Promise<string> =>
  clients.put(key, createReadStream(path), bytes);

/** A key outside `prompts/`, so that intake ignores it. */
const ETAG_KEY = 'bench/etag';

/**
 * The id that a file will have once it is uploaded to `key`. The id depends on the ETag, so the file is first uploaded
 * under a key that intake ignores.
 */
export const idBeforehand = async (
  source: Source,
  key: string,
  clients: Clients,
): Promise<PromptFile['id']> => {
  const etag = await upload(source, ETAG_KEY, clients);
  await clients.remove(ETAG_KEY);
  return fileIdOf({ bucket: clients.bucket, key, etag });
};
