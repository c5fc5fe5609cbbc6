import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { type CheckedBody, readChecked } from './checked-body.ts';
import type { CreatedObject } from './object-created.ts';
import { endToEnd, type ObjectStore, readWhole, type StoreAnswer } from './object-store.ts';
import type { InTurn, makeWrites } from './only-new.ts';
import { PART_BYTES, putInParts } from './put-in-parts.ts';
import type { S3Request } from './request.ts';
import { S3Error } from './s3-error.ts';

export type WriteOptions = {
  store: ObjectStore;
  /** Sends the object's events; rejects when SQS did not accept one. */
  notify: (created: CreatedObject) => Promise<void>;
  writes: ReturnType<typeof makeWrites>;
};

type Written = { answer: StoreAnswer; eTag: string; size: number };

/** S3 takes more in one PUT (5 GiB), but this is what fits into the store's database. */
const MAX_OBJECT_BYTES = 512 * 1024 * 1024;
/** The store's limit for a body. */
export const MAX_BODY_BYTES = 11 * 1024 * 1024;

const pathOnly = ({ path }: S3Request): string => path.split('?')[0] ?? '';

const unquoted = (eTag: string | undefined): string => (eTag ?? '').replaceAll('"', '');

/** The size of an object to be, from its headers. */
const announcedSize = ({ headers }: S3Request): number => {
  const length = Number(headers['x-amz-decoded-content-length'] ?? headers['content-length']);
  if (Number.isNaN(length)) throw new S3Error(411, 'MissingContentLength', 'Content-Length is required.');
  if (length <= MAX_OBJECT_BYTES) return length;
  throw new S3Error(
    400,
    'EntityTooLarge',
    `The object is too large: the local S3 takes at most ${MAX_OBJECT_BYTES} bytes in one PUT.`,
  );
};

const put = async (
  s3: S3Request,
  body: CheckedBody,
  store: ObjectStore,
  inTurn: InTurn,
): Promise<Written> => {
  if (announcedSize(s3) <= PART_BYTES) {
    const bytes = await readChecked(body, MAX_BODY_BYTES);
    const headers: OutgoingHttpHeaders = { ...body.headers, ...body.checksum() };
    const answer = await inTurn(() => store.send('PUT', s3.path, headers, bytes));
    return { answer, eTag: unquoted(answer.headers.etag), size: bytes.length };
  }
  const written = await putInParts(store, pathOnly(s3), body, inTurn);
  if (written.answer.status !== 200) return written;
  const answer = { status: 200, headers: { etag: written.eTag }, body: Buffer.alloc(0) };
  return { answer, eTag: unquoted(written.eTag), size: written.size };
};

/** Copies an object or completes a multipart upload. A HEAD afterwards reads the object's ETag and size. */
const putWithoutBody = async (
  s3: S3Request,
  body: CheckedBody,
  store: ObjectStore,
  inTurn: InTurn,
): Promise<Written> => {
  const bytes = await readChecked(body, MAX_BODY_BYTES);
  const answer = await inTurn(async () =>
    readWhole(await store.forward(s3.method, s3.path, body.headers, bytes)),
  );
  if (answer.status !== 200) return { answer, eTag: '', size: 0 };
  const { headers } = await store.send('HEAD', pathOnly(s3));
  return { answer, eTag: unquoted(headers.etag), size: Number(headers['content-length'] ?? 0) };
};

/** A write of an object: its kind, as the event names it, and whether it may only create the object. */
export type ObjectWrite = { by: string; isNew: boolean };

/** Writes an object and answers once its events are accepted. */
export const writeObject = async (
  { store, notify, writes }: WriteOptions,
  s3: S3Request,
  { by, isNew }: ObjectWrite,
  given: CheckedBody,
  response: ServerResponse,
): Promise<void> => {
  const { 'if-none-match': _, ...headers } = given.headers;
  const body = { ...given, headers };
  const exists = async () => (await store.send('HEAD', pathOnly(s3))).status === 200;
  const write = { key: `${s3.bucket}/${s3.key}`, isNew, exists };
  const { answer, eTag, size } = await writes(write, (inTurn) =>
    by === 'Put' ? put(s3, body, store, inTurn) : putWithoutBody(s3, body, store, inTurn),
  );
  if (answer.status === 200) await notify({ bucket: s3.bucket, key: s3.key, by, eTag, size });
  const checksum = answer.status === 200 ? body.checksum() : {};
  response.writeHead(answer.status, {
    ...endToEnd(answer.headers),
    ...checksum,
    'content-length': answer.body.length,
  });
  response.end(answer.body);
};
