import type { IncomingMessage } from 'node:http';

/** An S3 request, path style: `key` is decoded and empty for a bucket, `path` is what goes on to the store. */
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

/** `bucket.localhost:4000` names its bucket in the host; an address or a bare name does not. */
const bucketInHost = (host: string): string => {
  const name = host.replace(/:\d+$/, '');
  return /^[\d.]+$|^\[/.test(name) || !name.includes('.') ? '' : name.slice(0, name.indexOf('.'));
};

export const readS3Request = ({ method = 'GET', url = '/', headers }: IncomingMessage): S3Request => {
  const inHost = bucketInHost(headers.host ?? '');
  const path = inHost ? `/${inHost}${url}` : url;
  const [pathname = '/', search = ''] = path.split(/\?(.*)/s);
  const [, bucket = '', ...key] = pathname.split('/');
  return {
    ...{ method, headers, path },
    bucket: decodeURIComponent(bucket),
    key: decodeURIComponent(key.join('/')),
    query: new URLSearchParams(search),
  };
};

/** The operation asked for, by method and sub-resource; `undefined` when the local S3 serves none such. */
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
