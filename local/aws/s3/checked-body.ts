import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { chunkSignatures } from '../signing/chunks.ts';
import type { Signed } from '../signing/signature.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import { digestsOf } from './digests.ts';
import { endToEnd } from './object-store.ts';
import { S3Error } from './s3-error.ts';

export type CheckedBody = {
  /** The body without `aws-chunked` framing. It ends in an `S3Error` when it is not what the request announced. */
  bytes: AsyncIterable<Uint8Array>;
  /** Headers that describe the body to the store: those of the request without framing and digests. */
  headers: OutgoingHttpHeaders;
  /** The checksum that was compared, as a header; empty before the body's end. */
  checksum: () => Record<string, string>;
};

/** Bodies whose chunks are signed one by one. */
const SIGNED_CHUNKS = /^STREAMING-AWS4-HMAC-SHA256-PAYLOAD(-TRAILER)?$/;

/** Headers of the framing or of what has been compared already. */
const ONLY_OF_REQUEST =
  /^(authorization|content-length|content-md5|content-encoding|x-amz-decoded-content-length|x-amz-trailer|x-amz-content-sha256|x-amz-sdk-checksum-algorithm|x-amz-checksum-(?!algorithm$|mode$|type$).*)$/;

const isChunked = (headers: IncomingHttpHeaders): boolean =>
  (headers['content-encoding'] ?? '').includes('aws-chunked') ||
  String(headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-');

/** The object's own encoding: `aws-chunked` is only that of the request. */
const encodingOf = ({ 'content-encoding': encoding = '' }: IncomingHttpHeaders): OutgoingHttpHeaders => {
  const own = encoding.split(',').filter((part) => part.trim() !== 'aws-chunked');
  return own.join('').trim() === '' ? {} : { 'content-encoding': own.join(',').trim() };
};

/**
 * Reads a request's body and compares it with the request's digests and length, so that a write can be refused before
 * anything is stored. `withChecksum` is false where a checksum header is not that of the body.
 *
 * @throws {S3Error} for digests that are malformed or not known.
 */
export const checkedBody = (
  request: IncomingMessage,
  { withChecksum, chunks }: { withChecksum: boolean; chunks: Signed['chunks'] },
): CheckedBody => {
  const { headers } = request;
  const content = String(headers['x-amz-content-sha256'] ?? '');
  const signatures = SIGNED_CHUNKS.test(content) ? chunkSignatures(chunks) : undefined;
  const digests = digestsOf(headers, withChecksum);
  const trailers = new Map<string, string>();
  // The request must stay open after an error, for the answer.
  const raw = request.iterator({ destroyOnReturn: false });
  const decoded = headers['x-amz-decoded-content-length'];
  let checksum: Record<string, string> = {};

  async function* bytes(): AsyncGenerator<Uint8Array> {
    let length = 0;
    for await (const piece of isChunked(headers) ? decodeAwsChunked(raw, trailers, signatures) : raw) {
      digests.update(piece);
      length += piece.length;
      yield piece;
    }
    if (decoded !== undefined && Number(decoded) !== length) {
      throw new S3Error(
        400,
        'IncompleteBody',
        'You did not provide the number of bytes specified by the x-amz-decoded-content-length HTTP header',
      );
    }
    checksum = digests.check(trailers);
  }

  const kept = Object.entries(endToEnd(headers)).filter(([name]) => !ONLY_OF_REQUEST.test(name));
  return {
    bytes: bytes(),
    headers: { ...Object.fromEntries(kept), ...encodingOf(headers) },
    checksum: () => checksum,
  };
};

/** Reads a whole body of at most `limit` bytes. */
export const readChecked = async ({ bytes }: CheckedBody, limit: number): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of bytes) {
    length += piece.length;
    if (length > limit) {
      throw new S3Error(
        400,
        'EntityTooLarge',
        `The body is too large: the local S3 takes at most ${limit} bytes here.`,
      );
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
};
