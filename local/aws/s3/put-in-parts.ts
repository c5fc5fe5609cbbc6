import type { OutgoingHttpHeaders } from 'node:http';
import type { CheckedBody } from './checked-body.ts';
import type { ObjectStore, StoreAnswer } from './object-store.ts';
import type { InTurn } from './only-new.ts';

/** The size of an object's parts, below the store's limit of 11 MiB for a body. */
export const PART_BYTES = 8 * 1024 * 1024;

const OBJECT_HEADERS =
  /^(content-type|content-language|content-disposition|cache-control|content-encoding|x-amz-meta-.*)$/;

/** The headers that describe the object and are stored with it. */
const objectHeaders = (headers: OutgoingHttpHeaders): OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => OBJECT_HEADERS.test(name)));

/** Cuts a stream of bytes into pieces of `size` bytes; the last one may be shorter. */
async function* piecesOf(body: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer> {
  let collected: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    collected.push(chunk);
    length += chunk.byteLength;
    while (length >= size) {
      const joined = Buffer.concat(collected);
      yield joined.subarray(0, size);
      collected = [joined.subarray(size)];
      length -= size;
    }
  }
  if (length > 0) yield Buffer.concat(collected);
}

const textOf = ({ body }: StoreAnswer, tag: string): string =>
  new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(body.toString())?.[1]?.replaceAll('&quot;', '"') ?? '';

/**
 * Puts an object that is too large for one request to the store, in parts of 8 MiB. One part is in memory at a time.
 * The ETag is that of a multipart upload. An interrupted body leaves no object.
 */
export const putInParts = async (
  store: ObjectStore,
  path: string,
  { headers, bytes }: Pick<CheckedBody, 'headers' | 'bytes'>,
  inTurn: InTurn,
): Promise<{ answer: StoreAnswer; eTag: string; size: number }> => {
  const created = await store.send('POST', `${path}?uploads`, objectHeaders(headers));
  if (created.status !== 200) return { answer: created, eTag: '', size: 0 };
  const upload = `uploadId=${encodeURIComponent(textOf(created, 'UploadId'))}`;
  try {
    const parts: string[] = [];
    let size = 0;
    for await (const piece of piecesOf(bytes, PART_BYTES)) {
      const partNumber = parts.length + 1;
      const type = { 'content-type': 'application/octet-stream' };
      const { headers: answered } = await store.send(
        'PUT',
        `${path}?partNumber=${partNumber}&${upload}`,
        type,
        piece,
      );
      parts.push(`<Part><PartNumber>${partNumber}</PartNumber><ETag>${answered.etag}</ETag></Part>`);
      size += piece.length;
    }
    const list = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
    const type = { 'content-type': 'application/xml' };
    const answer = await inTurn(() => store.send('POST', `${path}?${upload}`, type, list));
    return { answer, eTag: textOf(answer, 'ETag'), size };
  } catch (error) {
    await store.send('DELETE', `${path}?${upload}`).catch(() => {});
    throw error;
  }
};
