import type { ProxiedRequest } from '../../tools/soak/fault-proxy.ts';

/** One permission that a request needs, in IAM's terms. */
export type AwsCall = {
  /** Such as `s3:GetObject`. */
  action: string;
  /** An ARN, or `*` where AWS has no resource. */
  resource: string;
  /** Condition keys of the request. */
  context: Record<string, string | string[]>;
  /** The operation: several can need the same action. */
  operation: string;
};

type Operation = { name: string; action: string };

/** By method and the parameters that tell operations apart; actions as in AWS's "Actions and permissions for S3". */
const ON_OBJECTS: Record<string, Operation> = {
  GET: { name: 'GetObject', action: 's3:GetObject' },
  HEAD: { name: 'HeadObject', action: 's3:GetObject' },
  PUT: { name: 'PutObject', action: 's3:PutObject' },
  DELETE: { name: 'DeleteObject', action: 's3:DeleteObject' },
  'POST uploads': { name: 'CreateMultipartUpload', action: 's3:PutObject' },
  'PUT uploadId partNumber': { name: 'UploadPart', action: 's3:PutObject' },
  'POST uploadId': { name: 'CompleteMultipartUpload', action: 's3:PutObject' },
  'DELETE uploadId': { name: 'AbortMultipartUpload', action: 's3:AbortMultipartUpload' },
  'GET uploadId': { name: 'ListParts', action: 's3:ListMultipartUploadParts' },
};
const TELLING = ['uploads', 'uploadId', 'partNumber', 'delete', 'versionId', 'tagging', 'acl', 'attributes'];
/** Headers that need a permission of their own. */
const EXTRA = /^x-amz-(acl|grant-|tagging$|object-lock-)/;

const arnOf = (path: string): string => `arn:aws:s3:::${path}`;
/** `bucket/key` of a path-style address, or of a copy's source. */
const targetOf = (path: string): string => decodeURIComponent(path.replace(/^\//, ''));

/** The permissions that a request to S3, with the bucket in its path, needs. Throws for an unknown request. */
export const s3Calls = ({ method = '', url = '', headers, status }: ProxiedRequest): AwsCall[] => {
  const [path = '', search = ''] = url.split('?', 2);
  const query = new URLSearchParams(search);
  const target = targetOf(path);
  const [bucket = ''] = target.split('/', 1);
  const asked = [method, ...TELLING.filter((name) => query.has(name))].join(' ');
  const signed = query.has('X-Amz-Credential') ? ', presigned' : '';
  const call = (action: string, on: string, operation: string, context = {}): AwsCall => ({
    ...{ action, context, resource: arnOf(on), operation: `${operation}${signed}` },
  });

  if (target.replace(/\/$/, '') === bucket) {
    if (asked !== 'GET' || query.get('list-type') !== '2') throw new Error(`S3: ${asked} on a bucket`);
    return [call('s3:ListBucket', bucket, 'ListObjectsV2', { 's3:prefix': query.get('prefix') ?? '' })];
  }
  const known = ON_OBJECTS[asked];
  const extra = Object.keys(headers).find((name) => EXTRA.test(name));
  if (!known || extra) throw new Error(`S3: ${asked} on an object ${extra ?? ''}`);
  const source = headers['x-amz-copy-source'];
  if (typeof source === 'string') {
    return [
      call(known.action, target, 'CopyObject, target'),
      call('s3:GetObject', targetOf(source), 'CopyObject, source'),
    ];
  }
  const own = call(known.action, target, known.name);
  // Without the right to list the bucket the answer would be 403, and the functions distinguish the two.
  const isMissing = status === 404 && known.action === 's3:GetObject';
  return isMissing ? [own, call('s3:ListBucket', bucket, `404 to ${known.name}`)] : [own];
};
