import type { S3Operation, S3Request } from './request.ts';
import { notImplemented, type S3Error } from './s3-error.ts';

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

/** The writes that may be asked to create an object only. */
const CREATES: ReadonlySet<S3Operation> = new Set<S3Operation>([
  'PutObject',
  'CopyObject',
  'CompleteMultipartUpload',
]);

/** Whether a write is to create an object, and never to replace one. */
export const isOnlyNew = ({ headers }: S3Request, operation: S3Operation | undefined): boolean =>
  operation !== undefined && CREATES.has(operation) && headers['if-none-match'] === '*';

/** The reason to refuse a request; `undefined` for a request that is served. */
export const refusalOf = (s3: S3Request, operation: S3Operation | undefined): S3Error | undefined => {
  const { query, headers, method } = s3;
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
      (ONLY_ON_READS.test(name) &&
        !READS.has(operation) &&
        !(name === 'if-none-match' && isOnlyNew(s3, operation))),
  );
  if (header) return notImplemented(`the header ${header} of ${operation}`);
  const acl = headers['x-amz-acl'];
  if (acl !== undefined && acl !== 'private' && acl !== 'bucket-owner-full-control')
    return notImplemented(`the ACL ${acl}`);
  return undefined;
};
