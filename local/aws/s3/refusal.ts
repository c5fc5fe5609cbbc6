import type { ServerResponse } from 'node:http';
import type { S3Operation, S3Request } from './request.ts';

export type S3Refusal = { status: number; code: string; message: string };

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

const ONLY_ON_READS = /^if-(match|none-match|modified-since|unmodified-since)$/;

const READS: ReadonlySet<S3Operation> = new Set<S3Operation>(['GetObject', 'HeadObject']);

const notImplemented = (what: string): S3Refusal => ({
  status: 501,
  code: 'NotImplemented',
  message: `The local S3 does not serve ${what}.`,
});

/** Below the store's limit of 11 MiB a request, which includes the `aws-chunked` framing. */
const MAX_PART_BYTES = 10.9 * 1024 * 1024;

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
): S3Refusal | undefined => {
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
      (ONLY_ON_READS.test(name) && !READS.has(operation)),
  );
  if (header) return notImplemented(`the header ${header} of ${operation}`);
  const acl = headers['x-amz-acl'];
  if (acl !== undefined && acl !== 'private' && acl !== 'bucket-owner-full-control')
    return notImplemented(`the ACL ${acl}`);
  if (operation === 'UploadPart' && Number(headers['content-length']) > MAX_PART_BYTES) {
    return {
      status: 400,
      code: 'EntityTooLarge',
      message: 'The part is too large: the local S3 takes at most 10 MiB a part.',
    };
  }
  if (expired(query, now)) return { status: 403, code: 'AccessDenied', message: 'Request has expired' };
  return undefined;
};

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export const sendS3Error = (response: ServerResponse, { status, code, message }: S3Refusal): void => {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`,
  );
};
