import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../../http.ts';
import { strangerIn } from '../../strangers.ts';
import { checkSignature, type KeyRing, SignatureError, type SignatureFault, sha256 } from './signature.ts';

/** The names of AWS's JSON services for faults of signatures. All services share them. */
const TYPES: Record<SignatureFault, string> = {
  missing: 'MissingAuthenticationTokenException',
  incomplete: 'IncompleteSignatureException',
  wrong_scope: 'InvalidSignatureException',
  skewed: 'InvalidSignatureException',
  expired: 'InvalidSignatureException',
  not_yet: 'InvalidSignatureException',
  unknown_key: 'UnrecognizedClientException',
  unsigned_header: 'InvalidSignatureException',
  mismatch: 'InvalidSignatureException',
};

/** A refusal of a request before its operation begins, in the shape that all JSON services share. */
export class AccessRefusal extends Error {
  readonly status: number;
  readonly type: string;

  constructor(status: number, type: string, message: string) {
    super(message);
    this.name = 'AccessRefusal';
    this.status = status;
    this.type = type;
  }

  get body() {
    return { __type: `com.amazon.coral.service#${this.type}`, message: this.message };
  }
}

export type JsonService = {
  keys: KeyRing;
  service: 'dynamodb' | 'sqs' | 'events';
  maxBytes: number;
};

/** The status of a refused signature: SQS's differs. */
const statusOf = (service: JsonService['service']): number => (service === 'sqs' ? 403 : 400);

/**
 * Reads the body of a request that this machine's own user signed; `undefined` when it has more than `maxBytes`.
 *
 * @throws {AccessRefusal} for a request of a web page, under another name than this machine's, or not signed.
 */
export const readSigned = async (
  request: IncomingMessage,
  { keys, service, maxBytes }: JsonService,
): Promise<Buffer | undefined> => {
  const stranger = strangerIn(request);
  const body = await readBody(request, stranger === undefined ? maxBytes : 0);
  if (stranger !== undefined) throw new AccessRefusal(403, 'AccessDeniedException', stranger);
  try {
    await checkSignature(request, { keys, service, payload: sha256(body ?? '') });
    return body;
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    throw new AccessRefusal(statusOf(service), TYPES[error.fault], error.message);
  }
};

export const sendAccessRefusal = (
  response: ServerResponse,
  { status, type, body }: AccessRefusal,
  contentType: string,
): void => {
  response.writeHead(status, { 'content-type': contentType, 'x-amzn-errortype': type });
  response.end(JSON.stringify(body));
};
