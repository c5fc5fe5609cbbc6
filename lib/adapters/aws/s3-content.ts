import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { NotFoundError, UpstreamError } from '../../errors.ts';
import type { ReadSource } from '../../files/read/open-records.ts';
import type { ContentStore } from '../../runs/ports.ts';
import { makeS3Uploads } from './s3-uploads.ts';

type BucketClient = { client: S3Client; bucket: string };

const MAX_COPY_BYTES = 5 * 1024 ** 3;
const MAX_READS = 3;

/** Content in one S3 bucket, UTF-8. */
export const makeS3Content = ({ client, bucket }: BucketClient): ContentStore => ({
  ...makeS3Uploads({ client, bucket }),

  copy: async (from, to, contentType) => {
    const { ContentLength = 0 } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: from }));
    if (ContentLength > MAX_COPY_BYTES) {
      throw new UpstreamError('s3', `${from} has ${ContentLength} bytes, more than S3 copies at once`, {
        code: 'too_large_to_copy',
        retryable: false,
      });
    }
    await client.send(
      new CopyObjectCommand({
        Bucket: bucket,
        Key: to,
        CopySource: `${bucket}/${from.split('/').map(encodeURIComponent).join('/')}`,
        ContentType: contentType,
        MetadataDirective: 'REPLACE',
      }),
    );
  },

  put: async (key, body, contentType) => {
    // Bytes, not text: of an empty text the SDK would warn on the console that it knows no length.
    const Body = Buffer.from(body);
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body, ContentType: contentType }));
  },

  get: async (key, range) => {
    try {
      return await readText(client, {
        Bucket: bucket,
        Key: key,
        ...(range && { Range: `bytes=${range.start}-${range.end - 1}` }),
      });
    } catch (error) {
      // Reads follow writes at once in S3, so what is missing may only be on its way.
      if (error instanceof NoSuchKey)
        throw new NotFoundError(`no object ${key}`, {
          code: 'missing_object',
          retryable: true,
          cause: error,
        });
      throw error;
    }
  },

  list: async (prefix) => {
    const keys: string[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client },
      { Bucket: bucket, Prefix: prefix },
    )) {
      for (const { Key } of Contents) if (Key !== undefined) keys.push(Key);
    }
    return keys;
  },

  // One by one: a run has few objects, and a single delete needs no body checksum that a server might not know.
  delete: async (keys) => {
    for (const key of keys) await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  },
});

/** The SDK tries again until an answer begins; one that breaks off in the middle is asked for again here. */
const readText = async (client: S3Client, object: GetObjectCommandInput): Promise<string> => {
  for (let reads = 1; ; reads += 1) {
    const { Body } = await client.send(new GetObjectCommand(object));
    try {
      return (await Body?.transformToString()) ?? '';
    } catch (cause) {
      if (reads === MAX_READS) throw new UpstreamError('s3', 'the object broke off in the middle', { cause });
    }
  }
};

/** Prompt files as they were when their event was sent: another version is as good as gone. */
export const makeS3Source =
  ({ client, bucket }: BucketClient): ReadSource =>
  async (key, etag, { start, end }) => {
    try {
      const { Body } = await client.send(
        new GetObjectCommand({
          Bucket: bucket,
          Key: key,
          IfMatch: etag,
          Range: `bytes=${start}-${end - 1}`,
        }),
      );
      // As it comes: whoever reads slowly holds the connection back, and nothing is held here.
      return (Body as AsyncIterable<Uint8Array> | undefined) ?? new Uint8Array();
    } catch (error) {
      const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
      if (status === 404 || status === 412) {
        throw new NotFoundError('the file was deleted or replaced before it was read', {
          code: 'source_gone',
          cause: error,
        });
      }
      if (status === 403) {
        throw new UpstreamError('s3', 'the file may not be read', {
          code: 'unreadable',
          retryable: false,
          status,
          cause: error,
        });
      }
      throw error;
    }
  };
