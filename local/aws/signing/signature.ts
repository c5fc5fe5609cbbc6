import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { getCanonicalHeaders, getCanonicalQuery } from '@smithy/signature-v4';
import { own } from '../../json.ts';

/** Finds the secret of an access key; `undefined` for a key that is not known. A `Map` is one. */
export type KeyRing = { get: (accessKeyId: string) => string | undefined | Promise<string | undefined> };

export type Signed = {
  /** Whether the signature is in the URL. */
  presigned: boolean;
  /** The key and scope that sign the body's chunks, and the request's signature, which the first chunk continues. */
  chunks: { key: KeyObject; date: string; scope: string; signature: string };
};

export type SignatureFault =
  | 'missing'
  | 'incomplete'
  | 'wrong_scope'
  | 'skewed'
  | 'expired'
  | 'not_yet'
  | 'unknown_key'
  | 'unsigned_header'
  | 'mismatch';

/** A request that is not signed as it must be. Each service has its own words for it. */
export class SignatureError extends Error {
  readonly fault: SignatureFault;

  constructor(fault: SignatureFault, message: string) {
    super(message);
    this.name = 'SignatureError';
    this.fault = fault;
  }
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
/** How far a signature's date may be from now. */
const MAX_SKEW_MS = 15 * 60_000;
const MAX_EXPIRES_S = 7 * 24 * 3_600;

/** A signature and all that it says of itself. */
type Claim = {
  presigned: boolean;
  credential: string;
  signedHeaders: string[];
  signature: string;
  date: string;
  expires: number;
};

export const sha256 = (data: Uint8Array | string): string => hash('sha256', data);
export const hmac = (key: string | Buffer | KeyObject, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();

const incomplete = (message: string): SignatureError => new SignatureError('incomplete', message);

const claimOf = (headers: IncomingHttpHeaders, query: Readonly<Record<string, string>>): Claim => {
  const { authorization } = headers;
  if (own(query, 'X-Amz-Signature') !== undefined || own(query, 'X-Amz-Algorithm') !== undefined) {
    if (authorization !== undefined) throw incomplete('Only one way to sign a request may be used.');
    return claimInQuery(query);
  }
  if (authorization === undefined) throw new SignatureError('missing', 'The request is not signed.');
  const [, text = ''] = /^AWS4-HMAC-SHA256\s+(.*)$/.exec(authorization) ?? [];
  const parts = new Map(text.split(',').map((part) => part.trim().split(/=(.*)/s) as [string, string]));
  const [credential, signed, signature] = ['Credential', 'SignedHeaders', 'Signature'].map((name) =>
    parts.get(name),
  );
  if (!credential || !signed || !signature)
    throw incomplete(
      'The Authorization header must be AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…',
    );
  const date = String(headers['x-amz-date'] ?? '');
  return { presigned: false, credential, signedHeaders: signed.split(';'), signature, date, expires: 0 };
};

const claimInQuery = (query: Readonly<Record<string, string>>): Claim => {
  const of = (name: string): string => {
    const value = own(query, name);
    if (!value) throw incomplete(`The URL has no ${name}.`);
    return value;
  };
  if (of('X-Amz-Algorithm') !== ALGORITHM) throw incomplete(`X-Amz-Algorithm must be ${ALGORITHM}.`);
  const expires = Number(of('X-Amz-Expires'));
  if (!Number.isInteger(expires) || expires < 1 || expires > MAX_EXPIRES_S)
    throw incomplete(`X-Amz-Expires must be a number of seconds from 1 to ${MAX_EXPIRES_S}.`);
  return {
    presigned: true,
    credential: of('X-Amz-Credential'),
    signedHeaders: of('X-Amz-SignedHeaders').split(';'),
    signature: of('X-Amz-Signature'),
    date: of('X-Amz-Date'),
    expires,
  };
};

const instantOf = (date: string): number => {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const instant = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(instant)) throw incomplete('X-Amz-Date must be such as 20261129T103000Z.');
  return instant;
};

const checkTime = ({ presigned, date, expires }: Claim, now: number): void => {
  const ahead = instantOf(date) - now;
  if (presigned) {
    if (ahead > MAX_SKEW_MS) throw new SignatureError('not_yet', 'Request is not yet valid');
    if (ahead + expires * 1000 < 0) throw new SignatureError('expired', 'Request has expired');
  } else if (Math.abs(ahead) > MAX_SKEW_MS) {
    throw new SignatureError(
      'skewed',
      `Signature expired or not yet current: ${date} is more than 15 minutes from this machine's clock.`,
    );
  }
};

/** The parts of a credential: the access key, which may hold slashes, and the scope of the signing key. */
const scopeOf = ({ credential, date }: Claim, service: string) => {
  const parts = credential.split('/');
  const [day, region, forService, end] = parts.slice(-4);
  const accessKeyId = parts.slice(0, -4).join('/');
  if (!accessKeyId) throw incomplete('Credential must be key/date/region/service/aws4_request.');
  if (day !== date.slice(0, 8) || !region || forService !== service || end !== 'aws4_request') {
    throw new SignatureError(
      'wrong_scope',
      `Credential should be scoped to the date of the request, a region and correct service: '${service}'.`,
    );
  }
  return { accessKeyId, day, region };
};

/** As key objects, since Node would make one of a buffer at each use. */
const signingKeys = new Map<string, KeyObject>();
const MAX_SIGNING_KEYS = 100;

/** Derives the key that signs for a day, region and service. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
const signingKey = (secret: string, day: string, region: string, service: string): KeyObject => {
  const name = [secret, day, region, service].join('\n');
  const known = signingKeys.get(name);
  if (known) return known;
  if (signingKeys.size >= MAX_SIGNING_KEYS) signingKeys.clear();
  const key = createSecretKey([region, service, 'aws4_request'].reduce(hmac, hmac(`AWS4${secret}`, day)));
  signingKeys.set(name, key);
  return key;
};

/** Headers that change what a request does; one that nobody signed was added by somebody else. */
const MUST_BE_SIGNED = /^(host|x-amz-.*)$/;

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a signature over a malformed escape matches nothing
  }
};

const queryOf = (search: string): [string, string][] =>
  search
    .split('&')
    .filter(Boolean)
    .map((pair) => {
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      return [decoded(name), decoded(value)];
    });

const grouped = (pairs: readonly [string, string][]): Record<string, string[]> =>
  Object.fromEntries(
    [...Map.groupBy(pairs, ([name]) => name)].map(([name, all]) => [name, all.map(([, value]) => value)]),
  );

const canonicalRequest = (
  { method = 'GET', url = '/', headers }: IncomingMessage,
  { signedHeaders }: Claim,
  payload: string,
): string => {
  const [path = '/', search = ''] = url.split(/\?(.*)/s);
  const signed = new Set(signedHeaders);
  const picked = Object.entries(headers)
    .filter(([name]) => signed.has(name))
    .map(([name, value]) => [name, String(value)]);
  const request = {
    ...{ method, path, protocol: 'http:', hostname: '' },
    headers: Object.fromEntries(picked),
    query: grouped(queryOf(search)),
  };
  const canonical = getCanonicalHeaders(request, undefined, signed);
  const lines = Object.entries(canonical)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value}\n`);
  return [method, path, getCanonicalQuery(request), lines.join(''), signedHeaders.join(';'), payload].join(
    '\n',
  );
};

const isSame = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'));

export type SignatureOptions = {
  keys: KeyRing;
  /** The service in the credential's scope, such as `dynamodb`. Any region is taken. */
  service: string;
  /** The body's digest as it is signed; absent: what the header x-amz-content-sha256 says, or an unsigned body. */
  payload?: string;
  /** In ms since the epoch. */
  now?: number;
};

/**
 * Checks a request's Signature Version 4, in its header or in its URL: access key, scope, date, the signed headers, and
 * the signature itself.
 *
 * @throws {SignatureError}
 */
export const checkSignature = async (
  request: IncomingMessage,
  { keys, service, payload, now = Date.now() }: SignatureOptions,
): Promise<Signed> => {
  const { headers, url = '' } = request;
  const claim = claimOf(headers, Object.fromEntries(queryOf(url.split(/\?(.*)/s)[1] ?? '')));
  const { accessKeyId, day, region } = scopeOf(claim, service);
  checkTime(claim, now);
  const secret = await keys.get(accessKeyId);
  if (secret === undefined)
    throw new SignatureError('unknown_key', 'The security token included in the request is invalid.');
  const unsigned = Object.keys(headers).find(
    (name) => MUST_BE_SIGNED.test(name) && !claim.signedHeaders.includes(name),
  );
  if (unsigned !== undefined)
    throw new SignatureError('unsigned_header', `The header ${unsigned} is not signed.`);
  const key = signingKey(secret, day, region, service);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const inHeader = String(headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD');
  const text = canonicalRequest(request, claim, payload ?? inHeader);
  const expected = hmac(key, [ALGORITHM, claim.date, scope, sha256(text)].join('\n')).toString('hex');
  if (!isSame(expected, claim.signature)) {
    throw new SignatureError(
      'mismatch',
      'The request signature we calculated does not match the signature you provided. Check the key and secret in stack.json and the signing method.',
    );
  }
  return { presigned: claim.presigned, chunks: { key, date: claim.date, scope, signature: expected } };
};
