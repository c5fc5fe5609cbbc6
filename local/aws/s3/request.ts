import type { IncomingMessage } from 'node:http';
import { S3Error } from './s3-error.ts';

/**
 * An S3 request in path style. `key` is decoded, and empty for a request to a bucket; `path` is forwarded to the store
 * as it is.
 */
export type S3Request = {
  method: string;
  bucket: string;
  key: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  path: string;
};

export type S3Operation =
  | 'ListBuckets'
  | 'Bucket'
  | 'ListObjects'
  | 'DeleteObjects'
  | 'GetObject'
  | 'GetObjectAttributes'
  | 'HeadObject'
  | 'DeleteObject'
  | 'PutObject'
  | 'CopyObject'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload';

/** The bucket in a host such as `bucket.localhost:4000`; empty for any other host. */
const bucketInHost = (host: string): string => /^(.+)\.localhost(:\d+)?$/.exec(host)?.[1] ?? '';

/** @throws {S3Error} for a path with a malformed escape. */
const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new S3Error(400, 'InvalidURI', "Couldn't parse the specified URI.");
  }
};

export const readS3Request = ({ method = 'GET', url = '/', headers }: IncomingMessage): S3Request => {
  const inHost = bucketInHost(headers.host ?? '');
  const path = inHost ? `/${inHost}${url}` : url;
  const [pathname = '/', search = ''] = path.split(/\?(.*)/s);
  const [, bucket = '', ...key] = pathname.split('/');
  return {
    ...{ method, headers, path },
    bucket: decoded(bucket),
    key: decoded(key.join('/')),
    query: new URLSearchParams(search),
  };
};

/** The operation of a request, by its method and sub-resource; `undefined` when the local S3 does not serve it. */
export const operationOf = ({ method, bucket, key, query, headers }: S3Request): S3Operation | undefined => {
  if (!bucket) return method === 'GET' ? 'ListBuckets' : undefined;
  if (!key) {
    if (method === 'POST') return query.has('delete') ? 'DeleteObjects' : undefined;
    if (method === 'GET') return 'ListObjects';
    return ['PUT', 'HEAD', 'DELETE'].includes(method) ? 'Bucket' : undefined;
  }
  const upload = query.has('uploadId');
  switch (method) {
    case 'GET':
      if (upload) return undefined;
      return query.has('attributes') ? 'GetObjectAttributes' : 'GetObject';
    case 'HEAD':
      return 'HeadObject';
    case 'PUT':
      if (upload) return query.has('partNumber') ? 'UploadPart' : undefined;
      return headers['x-amz-copy-source'] ? 'CopyObject' : 'PutObject';
    case 'POST':
      if (query.has('uploads')) return 'CreateMultipartUpload';
      return upload ? 'CompleteMultipartUpload' : undefined;
    case 'DELETE':
      return upload ? 'AbortMultipartUpload' : 'DeleteObject';
    default:
      return undefined;
  }
};
