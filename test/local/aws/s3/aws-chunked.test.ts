import { createSecretKey } from 'node:crypto';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeAwsChunked } from '../../../../local/aws/s3/aws-chunked.ts';
import { chunkSignatures } from '../../../../local/aws/signing/chunks.ts';
import { hmac } from '../../../../local/aws/signing/signature.ts';

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

// The example of Amazon's documentation: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const scope = '20130524/us-east-1/s3/aws4_request';
const example = {
  key: createSecretKey(scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secret}`) as Buffer),
  ...{ date: '20130524T000000Z', scope },
  signature: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
};
const SIGNED = [
  [65_536, 'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648'],
  [1_024, '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497'],
  [0, 'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9'],
] as const;
const signedBody = (letter = 'a') =>
  Buffer.from(
    SIGNED.map(
      ([size, signature]) =>
        `${size.toString(16)};chunk-signature=${signature}\r\n${letter.repeat(size)}\r\n`,
    ).join(''),
  );
const checked = async (body: Buffer) =>
  Buffer.concat(
    await Readable.from(decodeAwsChunked(cut(body, []), new Map(), chunkSignatures(example))).toArray(),
  );

test('the chunks of a body are compared with their signatures, as in Amazon’s example', async () => {
  expect(await checked(signedBody())).toEqual(Buffer.alloc(65_536 + 1_024, 'a'));
  await expect(checked(signedBody('b'))).rejects.toMatchObject({ fault: 'mismatch' });
  const swapped = Buffer.from(signedBody().toString().replace(SIGNED[1][1], SIGNED[0][1]));
  await expect(checked(swapped)).rejects.toMatchObject({ fault: 'mismatch' });
  const unsigned = Buffer.from(
    signedBody()
      .toString()
      .replace(/;chunk-signature=\w+/, ''),
  );
  await expect(checked(unsigned)).rejects.toMatchObject({ fault: 'mismatch' });
});
