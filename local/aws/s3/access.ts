import type { IncomingMessage } from 'node:http';
import { FROM_A_PAGE, isForThisMachine, isFromPage, WRONG_HOST } from '../../strangers.ts';
import {
  checkSignature,
  type KeyRing,
  SignatureError,
  type SignatureFault,
  type Signed,
} from '../signing/signature.ts';
import { S3Error } from './s3-error.ts';

/** S3's statuses and codes for faults of signatures. */
const CODES: Record<SignatureFault, [status: number, code: string]> = {
  missing: [403, 'AccessDenied'],
  incomplete: [400, 'AuthorizationHeaderMalformed'],
  wrong_scope: [400, 'AuthorizationHeaderMalformed'],
  skewed: [403, 'RequestTimeTooSkewed'],
  expired: [403, 'AccessDenied'],
  not_yet: [403, 'AccessDenied'],
  unknown_key: [403, 'InvalidAccessKeyId'],
  unsigned_header: [403, 'AccessDenied'],
  mismatch: [403, 'SignatureDoesNotMatch'],
};

const inQuery = ({ url = '' }: IncomingMessage): boolean => /[?&]X-Amz-Signature=/.test(url);

/** `bucket.localhost`, which browsers and resolvers keep on this machine: https://www.rfc-editor.org/rfc/rfc6761#section-6.3 */
const VIRTUAL_HOST = /^[a-z0-9.-]+\.localhost(:\d{1,5})?$/;

/** @throws {S3Error} 403 for a request under another name than this machine's. */
export const checkHost = (request: IncomingMessage): void => {
  if (isForThisMachine(request) || VIRTUAL_HOST.test(request.headers.host ?? '')) return;
  throw new S3Error(403, 'AccessDenied', WRONG_HOST);
};

/** @throws {S3Error} 403 for a page's request to a URL that is not presigned. */
export const checkPage = (request: IncomingMessage): void => {
  if (isFromPage(request) && !inQuery(request)) throw new S3Error(403, 'AccessDenied', FROM_A_PAGE);
};

/** A fault of a signature as S3's error; any other error as it is. */
export const asS3Error = (error: Error, request: IncomingMessage): Error => {
  if (!(error instanceof SignatureError)) return error;
  const [status, code] = CODES[error.fault];
  const isMalformedUrl = code === 'AuthorizationHeaderMalformed' && inQuery(request);
  return new S3Error(status, isMalformedUrl ? 'AuthorizationQueryParametersError' : code, error.message);
};

/** The values of x-amz-content-sha256: a digest, none, or one in the trailer or the chunks. */
const CONTENT =
  /^([0-9a-f]{64}|UNSIGNED-PAYLOAD|STREAMING-UNSIGNED-PAYLOAD-TRAILER|STREAMING-AWS4-HMAC-SHA256-PAYLOAD(-TRAILER)?)$/;

/** @throws {S3Error | SignatureError} for a request that is not signed as it must be. */
export const checkSigned = async (request: IncomingMessage, keys: KeyRing): Promise<Signed> => {
  const { authorization, 'x-amz-content-sha256': content } = request.headers;
  if (authorization !== undefined && !CONTENT.test(String(content ?? ''))) {
    throw new S3Error(
      400,
      'InvalidRequest',
      'The header x-amz-content-sha256 is required: the SHA-256 of the body, UNSIGNED-PAYLOAD, or a STREAMING- value.',
    );
  }
  return checkSignature(request, { keys, service: 's3' });
};
