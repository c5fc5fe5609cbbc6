import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodeAwsChunked } from './aws-chunked.ts';
import type { CreatedObject } from './object-created.ts';
import { endToEnd, type ObjectStore, readWhole, type StoreAnswer } from './object-store.ts';
import { PART_BYTES, putInParts } from './put-in-parts.ts';
import { sendS3Error } from './refusal.ts';
import type { S3Request } from './request.ts';

export type WriteOptions = {
  store: ObjectStore;
  /** Sends the object's events; rejects when SQS did not accept one. */
  notify: (created: CreatedObject) => Promise<void>;
};

type Written = { answer: StoreAnswer; eTag: string; size: number };

/** S3 takes more in one PUT (5 GiB), but this is what fits into the store's database. */
const MAX_OBJECT_BYTES = 512 * 1024 * 1024;

const pathOnly = ({ path }: S3Request): string => path.split('?')[0] ?? '';

const unquoted = (eTag: string | undefined): string => (eTag ?? '').replaceAll('"', '');

const put = async (
  request: IncomingMessage,
  s3: S3Request,
  size: number,
  store: ObjectStore,
): Promise<Written> => {
  if (size <= PART_BYTES) {
    const answer = await readWhole(await store.forward('PUT', s3.path, endToEnd(s3.headers), request));
    return { answer, eTag: unquoted(answer.headers.etag), size };
  }
  const chunked = s3.headers['content-encoding']?.includes('aws-chunked');
  const written = await putInParts(
    store,
    pathOnly(s3),
    s3.headers,
    chunked ? decodeAwsChunked(request) : request,
  );
  if (written.answer.status !== 200) return written;
  const answer = { status: 200, headers: { etag: written.eTag }, body: Buffer.alloc(0) };
  return { answer, eTag: unquoted(written.eTag), size: written.size };
};

/** Copies an object or completes a multipart upload. A HEAD afterwards reads the object's ETag and size. */
const putWithoutBody = async (
  request: IncomingMessage,
  s3: S3Request,
  store: ObjectStore,
): Promise<Written> => {
  const answer = await readWhole(await store.forward(s3.method, s3.path, endToEnd(s3.headers), request));
  if (answer.status !== 200) return { answer, eTag: '', size: 0 };
  const { headers } = await store.send('HEAD', pathOnly(s3));
  return { answer, eTag: unquoted(headers.etag), size: Number(headers['content-length'] ?? 0) };
};

/** Writes an object and answers once its events are accepted. `by` is the kind of write, as the event names it. */
export const writeObject = async (
  { store, notify }: WriteOptions,
  s3: S3Request,
  by: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const length = Number(s3.headers['x-amz-decoded-content-length'] ?? s3.headers['content-length']);
  if (by === 'Put' && !(length <= MAX_OBJECT_BYTES)) {
    request.resume();
    const refusal = Number.isNaN(length)
      ? { status: 411, code: 'MissingContentLength', message: 'Content-Length is required.' }
      : {
          status: 400,
          code: 'EntityTooLarge',
          message: `The object is too large: the local S3 takes at most ${MAX_OBJECT_BYTES} bytes in one PUT.`,
        };
    sendS3Error(response, refusal);
    return;
  }
  const { answer, eTag, size } =
    by === 'Put' ? await put(request, s3, length, store) : await putWithoutBody(request, s3, store);
  if (answer.status === 200) await notify({ bucket: s3.bucket, key: s3.key, by, eTag, size });
  response.writeHead(answer.status, { ...endToEnd(answer.headers), 'content-length': answer.body.length });
  response.end(answer.body);
};
