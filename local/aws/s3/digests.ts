import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { crc32 } from 'node:zlib';
import { own } from '../../json.ts';
import { makeCrc32c, makeCrc64nvme } from './crc.ts';
import { notImplemented, S3Error } from './s3-error.ts';

type Hasher = { update: (bytes: Uint8Array) => void; digest: () => Buffer };
/** A digest that a request announces. `expected` is absent when it comes in a trailer, after the body. */
type Announced = { header: string; expected: string | undefined };
type Pending = Announced & { hasher: Hasher };

export type Digests = {
  update: (bytes: Uint8Array) => void;
  /**
   * Compares all digests at the end of the body, and returns the headers of the checksums.
   *
   * @throws {S3Error} for a digest that differs, or a trailer that was announced and is missing or another.
   */
  check: (trailers: ReadonlyMap<string, string>) => Record<string, string>;
};

const makeCrc32 = (): Hasher => {
  let value = 0;
  return {
    update: (bytes) => {
      value = crc32(bytes, value);
    },
    digest: () => {
      const digest = Buffer.alloc(4);
      digest.writeUInt32BE(value);
      return digest;
    },
  };
};

const PREFIX = 'x-amz-checksum-';
const ALGORITHMS: ReadonlyMap<string, () => Hasher> = new Map([
  ['crc32', makeCrc32],
  ['crc32c', makeCrc32c],
  ['crc64nvme', makeCrc64nvme],
  ['md5', () => createHash('md5')],
  ['sha1', () => createHash('sha1')],
  ['sha256', () => createHash('sha256')],
  ['sha512', () => createHash('sha512')],
]);
/** Headers with the prefix that hold no digest. */
const NO_DIGEST = ['algorithm', 'mode', 'type'];
const SHA256_OF_CONTENT = /^[0-9a-f]{64}$/;

const invalid = (message: string): S3Error => new S3Error(400, 'InvalidRequest', message);

const hasherOf = (header: string): Hasher => {
  const make = ALGORITHMS.get(header.slice(PREFIX.length));
  if (!make) throw notImplemented(`the checksum ${header}`);
  return make();
};

/** Whether a text is a digest of this length in base64. */
const isDigest = (text: string, hasher: Hasher): boolean => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text && bytes.length === hasher.digest().length;
};

const checkForm = ({ header, expected }: Announced): void => {
  if (expected === undefined || isDigest(expected, hasherOf(header))) return;
  throw invalid(`Value for ${header} header is invalid.`);
};

/** @throws {S3Error} for more than one checksum, or one that is malformed or not known. */
const announcedIn = (headers: IncomingHttpHeaders): Announced | undefined => {
  const inHeaders = Object.keys(headers).filter(
    (name) => name.startsWith(PREFIX) && !NO_DIGEST.includes(name.slice(PREFIX.length)),
  );
  const inTrailers = String(headers['x-amz-trailer'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name.startsWith(PREFIX));
  const [header, ...more] = [...inHeaders, ...inTrailers];
  if (header === undefined) return undefined;
  if (more.length > 0)
    throw invalid('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  const announced = { header, expected: inHeaders.length > 0 ? String(own(headers, header)) : undefined };
  checkForm(announced);
  return announced;
};

const checkMd5 = (expected: string): Hasher => {
  if (isDigest(expected, createHash('md5'))) return createHash('md5');
  throw new S3Error(400, 'InvalidDigest', 'The Content-MD5 you specified was invalid.');
};

/**
 * The digests of a request's body: `Content-MD5`, `x-amz-content-sha256`, and one `x-amz-checksum-…`, as a header or as
 * a trailer. `withChecksum` is false where a checksum header is not that of the body.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 *
 * @throws {S3Error} for digests that are malformed or not known.
 */
export const digestsOf = (headers: IncomingHttpHeaders, withChecksum: boolean): Digests => {
  const md5 = headers['content-md5'];
  const md5Hasher = md5 === undefined ? undefined : checkMd5(String(md5));
  const content = String(headers['x-amz-content-sha256'] ?? '');
  const contentHasher = SHA256_OF_CONTENT.test(content) ? createHash('sha256') : undefined;
  const announced = withChecksum ? announcedIn(headers) : undefined;
  const pending: Pending | undefined = announced && { ...announced, hasher: hasherOf(announced.header) };
  return {
    update: (bytes) => {
      for (const hasher of [md5Hasher, contentHasher, pending?.hasher]) hasher?.update(bytes);
    },
    check: (trailers) => {
      if (md5Hasher && md5Hasher.digest().toString('base64') !== md5)
        throw new S3Error(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.');
      if (contentHasher && contentHasher.digest().toString('hex') !== content) {
        throw new S3Error(
          400,
          'XAmzContentSHA256Mismatch',
          "The provided 'x-amz-content-sha256' header does not match what was computed.",
        );
      }
      return pending ? checkedChecksum(pending, trailers) : {};
    },
  };
};

const checkedChecksum = (
  { header, expected, hasher }: Pending,
  trailers: ReadonlyMap<string, string>,
): Record<string, string> => {
  const value = expected ?? trailers.get(header);
  if (value === undefined) {
    throw new S3Error(
      400,
      'MalformedTrailerError',
      'The request contained trailing data that was not well-formed or did not conform to our published schema.',
    );
  }
  checkForm({ header, expected: value });
  if (hasher.digest().toString('base64') !== value) {
    const name = header.slice(PREFIX.length).toUpperCase();
    throw new S3Error(400, 'BadDigest', `The ${name} you specified did not match the calculated checksum.`);
  }
  return { [header]: value };
};
