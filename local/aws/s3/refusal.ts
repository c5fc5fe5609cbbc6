import type { S3Operation, S3Request } from './request.ts';
import { notImplemented, S3Error } from './s3-error.ts';

const LISTING = [
  'list-type',
  'prefix',
  'delimiter',
  'max-keys',
  'continuation-token',
  'start-after',
  'marker',
  'encoding-type',
  'fetch-owner',
];

/** The query parameters that each operation supports. The store would silently ignore any other. */
const PARAMETERS: Record<S3Operation, string[]> = {
  ListBuckets: ['max-buckets'],
  Bucket: [],
  ListObjects: LISTING,
  DeleteObjects: ['delete'],
  GetObject: ['partNumber'],
  GetObjectAttributes: ['attributes'],
  HeadObject: [],
  DeleteObject: [],
  PutObject: [],
  CopyObject: [],
  CreateMultipartUpload: ['uploads'],
  UploadPart: ['uploadId', 'partNumber'],
  CompleteMultipartUpload: ['uploadId'],
  AbortMultipartUpload: ['uploadId'],
};

/** Headers that change the meaning of a request and that the store would silently ignore. */
const UNSUPPORTED = [
  /^x-amz-tagging/,
  /^x-amz-grant-/,
  /^x-amz-object-lock-/,
  /^x-amz-server-side-encryption-customer-/,
  /^x-amz-copy-source-(if-|server-side-)/,
  /^x-amz-website-redirect-location$/,
  /^x-amz-write-offset-bytes$/,
];

/** Here it is the whole object's, which the store does not compute. */
const CHECKSUM = /^x-amz-checksum-(?!type$)/;

const ONLY_ON_READS = /^if-(match|none-match|modified-since|unmodified-since)$/;

const READS: ReadonlySet<S3Operation> = new Set<S3Operation>(['GetObject', 'HeadObject']);

const expired = (query: URLSearchParams, now: number): boolean => {
  const [date, seconds] = [query.get('X-Amz-Date'), query.get('X-Amz-Expires')];
  if (!date || !seconds) return false;
  const signed = date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  return Date.parse(signed) + Number(seconds) * 1000 < now;
};

/** The reason to refuse a request; `undefined` for a request that is served. `now` is in ms since the epoch. */
export const refusalOf = (
  { query, headers, method }: S3Request,
  operation: S3Operation | undefined,
  now: number,
): S3Error | undefined => {
  if (!operation) return notImplemented(`${method} with ${[...query.keys()].join(', ') || 'that path'}`);
  const parameter = [...query.keys()].find(
    (name) =>
      !PARAMETERS[operation].includes(name) &&
      !/^(x-id$|x-amz-)/i.test(name) &&
      !(operation === 'GetObject' && name.startsWith('response-')),
  );
  if (parameter !== undefined) return notImplemented(`the parameter ${parameter} of ${operation}`);
  const header = Object.keys(headers).find(
    (name) =>
      UNSUPPORTED.some((pattern) => pattern.test(name)) ||
      (operation === 'CompleteMultipartUpload' && CHECKSUM.test(name)) ||
      (ONLY_ON_READS.test(name) && !READS.has(operation)),
  );
  if (header) return notImplemented(`the header ${header} of ${operation}`);
  const acl = headers['x-amz-acl'];
  if (acl !== undefined && acl !== 'private' && acl !== 'bucket-owner-full-control')
    return notImplemented(`the ACL ${acl}`);
  if (expired(query, now)) return new S3Error(403, 'AccessDenied', 'Request has expired');
  return undefined;
};
