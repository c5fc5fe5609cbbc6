import type { ChunkSignatures } from '../signing/chunks.ts';
import { S3Error } from './s3-error.ts';

const MALFORMED = new S3Error(400, 'InvalidRequest', 'The aws-chunked body is malformed.');
const ENDED_EARLY = new S3Error(400, 'IncompleteBody', 'The request body terminated unexpectedly');

/** Reads `name:value` lines into `trailers`; names in lower case. */
const readTrailers = (text: string, trailers: Map<string, string>): void => {
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
};

/**
 * Removes the `aws-chunked` framing from a body: `{hex size};{extensions}\r\n{data}\r\n … 0\r\n{trailers}`.
 * The trailers (checksums) are in `trailers` at the end. `signatures` compares those of chunks that are signed.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 *
 * @throws {S3Error} IncompleteBody when the body ends early, InvalidRequest when a chunk's size is not a hexadecimal
 * number.
 */
export async function* decodeAwsChunked(
  body: AsyncIterable<Uint8Array>,
  trailers: Map<string, string>,
  signatures?: ChunkSignatures,
): AsyncGenerator<Uint8Array> {
  let buffered = Buffer.alloc(0);
  let remaining = 0; // bytes left of the current chunk's data
  let separator = 0; // bytes left of the \r\n after it
  let ended = false;
  for await (const piece of body) {
    buffered = Buffer.concat([buffered, piece]);
    while (buffered.length > 0 && !ended) {
      if (remaining > 0) {
        const data = buffered.subarray(0, remaining);
        remaining -= data.length;
        buffered = buffered.subarray(data.length);
        signatures?.update(data);
        if (remaining === 0) {
          signatures?.end();
          separator = 2;
        }
        yield data;
      } else if (separator > 0) {
        const skipped = Math.min(separator, buffered.length);
        separator -= skipped;
        buffered = buffered.subarray(skipped);
      } else {
        const lineEnd = buffered.indexOf('\r\n');
        if (lineEnd < 0) break;
        const [size = '', extension = ''] = buffered.subarray(0, lineEnd).toString('latin1').split(';');
        if (!/^[0-9a-f]+$/i.test(size)) throw MALFORMED;
        remaining = Number.parseInt(size, 16);
        ended = remaining === 0;
        signatures?.begin(/^chunk-signature=([0-9a-f]{64})$/.exec(extension)?.[1]);
        if (ended) signatures?.end();
        buffered = buffered.subarray(lineEnd + 2);
      }
    }
  }
  if (!ended) throw ENDED_EARLY;
  readTrailers(buffered.toString('latin1'), trailers);
  signatures?.checkTrailers(trailers);
}
