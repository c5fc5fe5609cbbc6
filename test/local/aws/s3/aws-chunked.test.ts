import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeAwsChunked } from '../../../../local/aws/s3/aws-chunked.ts';

const framed = (chunks: Uint8Array[]): Buffer =>
  Buffer.concat([
    ...chunks.flatMap((chunk) => [
      Buffer.from(`${chunk.length.toString(16)};chunk-signature=abc\r\n`),
      chunk,
      Buffer.from('\r\n'),
    ]),
    Buffer.from('0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n'),
  ]);

/** Splits bytes at the given positions. */
const cut = async function* (bytes: Buffer, places: number[]): AsyncGenerator<Uint8Array> {
  const edges = [
    0,
    ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b),
    bytes.length,
  ];
  for (let i = 1; i < edges.length; i += 1) yield bytes.subarray(edges[i - 1], edges[i]);
};

const decoded = async (
  body: AsyncIterable<Uint8Array>,
  trailers = new Map<string, string>(),
): Promise<Buffer> => Buffer.concat(await Readable.from(decodeAwsChunked(body, trailers)).toArray());

test('a framed body yields its data and its trailers however its bytes are split', async () => {
  const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(chunks, fc.array(fc.nat(), { maxLength: 12 }), async (parts, places) => {
      const trailers = new Map();
      expect(await decoded(cut(framed(parts), places), trailers)).toEqual(Buffer.concat(parts));
      expect([...trailers]).toEqual([['x-amz-checksum-crc32', 'AAAAAA==']]);
    }),
    { numRuns: 200 },
  );
});

test('a framed body that ends early or has no sizes is an error', async () => {
  const whole = framed([Buffer.from('hello')]);
  await expect(decoded(cut(whole.subarray(0, whole.indexOf('hello') + 3), []))).rejects.toThrow(
    'terminated unexpectedly',
  );
  await expect(decoded(cut(Buffer.from('zz\r\nhello\r\n'), []))).rejects.toThrow('malformed');
});
