import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  NoSuchKey,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { NotFoundError, UpstreamError } from '../../errors.ts';
import type { ReadSource } from '../../files/read/open-records.ts';
import type { FindSource } from '../../files/read/stored-source.ts';
import type { ContentStore } from '../../runs/ports.ts';
import { clientOptions, requestLimits } from './client-options.ts';
import { makeS3Uploads } from './s3-uploads.ts';

type BucketClient = { client: S3Client; bucket: string };

/** S3's limit on one CopyObject: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
const MAX_COPY_BYTES = 5 * 1024 ** 3;
const MAX_READS = 3;

const { socketTimeout: _, ...withoutSocketTimeout } = requestLimits(60_000);

/**
 * Uses path-style URLs, which work on S3 and on S3-compatible servers without DNS names for each bucket. Has no socket
 * timeout, because a slow reader of an object leaves the socket silent, and that is no error.
 */
export const makeS3 = () =>
  new S3Client({
    ...clientOptions(),
    forcePathStyle: true,
    requestHandler: withoutSocketTimeout,
  });

/** Reads and writes UTF-8 text in one S3 bucket. */
export const makeS3Content = ({ client, bucket }: BucketClient): ContentStore => ({
  ...makeS3Uploads({ client, bucket }),

  copy: async (from, to, contentType) => {
    const { ContentLength = 0 } = await headOf(from, { client, bucket });
    if (ContentLength > MAX_COPY_BYTES) {
      throw new UpstreamError(
        's3',
        `cannot copy ${from}: it has ${ContentLength} bytes, and S3 copies at most 5 GiB`,
        {
          ownWords: `cannot copy an object of ${ContentLength} bytes`,
          code: 'too_large_to_copy',
          retryable: false,
        },
      );
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
    // Bytes instead of a string: for an empty string the SDK warns on the console that the length is unknown.
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
      throw error instanceof NoSuchKey ? missingObject(key, error) : error;
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

  // One request for each key: a run has few objects, and DeleteObjects needs a body checksum that some S3-compatible
  // servers do not support.
  delete: async (keys) => {
    for (const key of keys) await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  },

  deleteVersion: async (key, etag) => {
    try {
      // Not by If-Match, which S3-compatible servers refuse in a deletion or, worse, ignore.
      const { ETag } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      if (ETag?.replaceAll('"', '') !== etag) return;
    } catch (error) {
      if (isMissing(error)) return;
      throw error;
    }
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  },
});

const headOf = async (key: string, { client, bucket }: BucketClient): Promise<HeadObjectCommandOutput> => {
  try {
    return await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
  } catch (error) {
    throw isMissing(error) ? missingObject(key, error) : error;
  }
};

const isMissing = (error: unknown): boolean =>
  error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404;

// S3 reads are strongly consistent, so a missing object may be one that is not written yet: retryable.
const missingObject = (key: string, cause: unknown): NotFoundError =>
  new NotFoundError(`no object ${key}`, {
    // The key of a prompt file or of its results has the name that its caller gave it.
    ...(/^(prompts|results|uploads)\//.test(key) && { ownWords: `no object of ${key.split('/', 1)[0]}/` }),
    code: 'missing_object',
    retryable: true,
    cause,
  });

/** The SDK retries until a response begins; this also retries a response whose body is cut off. */
const readText = async (client: S3Client, object: GetObjectCommandInput): Promise<string> => {
  for (let reads = 1; ; reads += 1) {
    const { Body } = await client.send(new GetObjectCommand(object));
    try {
      return (await Body?.transformToString()) ?? '';
    } catch (cause) {
      if (reads === MAX_READS)
        throw new UpstreamError('s3', 'the object was cut off on every read', { cause });
    }
  }
};

/**
 * Finds the present version of a prompt file.
 * @throws {UpstreamError} `unreadable` when S3 denies access.
 */
export const makeS3FindSource =
  ({ client, bucket }: BucketClient): FindSource =>
  async (key) => {
    try {
      const { ETag = '', ContentLength = 0 } = await client.send(
        new HeadObjectCommand({ Bucket: bucket, Key: key }),
      );
      return { etag: ETag.replaceAll('"', ''), size: ContentLength };
    } catch (error) {
      const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
      if (status === 404) return undefined;
      if (status === 403) throw denied(error);
      throw error;
    }
  };

const denied = (cause: unknown): UpstreamError =>
  new UpstreamError('s3', 'S3 denied access to the file (403)', {
    code: 'unreadable',
    retryable: false,
    status: 403,
    cause,
  });

/**
 * Reads byte ranges of prompt files, in the version (ETag) that their event announced.
 * @throws {NotFoundError} `source_gone` when the file was deleted or replaced since.
 * @throws {UpstreamError} `unreadable` when S3 denies access.
 */
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
      // A stream: a slow reader slows the connection down, and nothing is buffered here.
      return (Body as AsyncIterable<Uint8Array> | undefined) ?? new Uint8Array();
    } catch (error) {
      const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
      if (status === 404 || status === 412) {
        throw new NotFoundError('the file was deleted or replaced before it was read', {
          code: 'source_gone',
          cause: error,
        });
      }
      if (status === 403) throw denied(error);
      throw error;
    }
  };
