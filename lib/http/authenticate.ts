import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../async/clock.ts';
import { remember } from '../async/remember.ts';
import { EverytokenError } from '../errors.ts';
import { isOwnForm, keyHash } from '../keys/api-key.ts';
import type { CountRequest } from '../limits/request-rate.ts';

export type StoredKey = { caller: string; operator?: true; disabled: boolean };

/**
 * Whose request it is. `storedKey` is the SHA-256 (hex) of its key, if that is a stored one, which can be disabled. Of an
 * operator `caller` is its own name.
 */
export type Access = { caller: string; storedKey?: string; operator?: true };

/** Those for whom a route is: `anonymous` is the caller without a key, where the deployment has one. */
export type Admitted = readonly ('caller' | 'operator' | 'anonymous')[];

/** Every route but a few: an operator reads nothing of what callers and models write. */
const CALLERS: Admitted = ['caller', 'anonymous'];

/**
 * Returns the caller of a request by its headers, or the operator where the route admits one.
 *
 * @throws {AccessError} `unauthorized` or `forbidden`.
 */
export type Authenticate = (headers: Headers, admitted?: Admitted) => Promise<Access>;

/**
 * A refused request: `unauthorized` (401) without a key, `forbidden` (403) with an unknown or disabled one, or with one
 * that is valid elsewhere (`isValid`) but not for this route.
 */
export class AccessError extends EverytokenError {
  override readonly name = 'AccessError';
  readonly isValid: boolean;
  constructor(
    message: string,
    { code, isValid = false }: { code: 'unauthorized' | 'forbidden'; isValid?: boolean },
  ) {
    super(message, { code, retryable: false });
    this.isValid = isValid;
  }
}

const NOT_FOR = {
  operator:
    "this is an operator's key: it reads usage, budgets and operations of all callers, and nothing that callers or models wrote; use a caller's key here",
  caller:
    "this route takes an operator's key, which this is not; npx everytoken keys add --operator makes one",
  anonymous: "this route takes an operator's key; npx everytoken keys add --operator makes one",
};

const admit = (access: Access, kind: Admitted[number], admitted: Admitted): Access => {
  if (admitted.includes(kind)) return access;
  throw new AccessError(NOT_FOR[kind], { code: 'forbidden', isValid: true });
};

export type AuthenticateDeps = {
  /** Keys of the configuration: SHA-256 (hex) of a secret -> its caller. */
  keys: ReadonlyMap<string, string>;
  /** Looks up a stored key; results are cached for a minute. */
  findKey?: (sha256: string) => Promise<StoredKey | undefined>;
  /** The caller of requests without a known key; ignored when the configuration has keys. */
  anonymousCaller?: string | undefined;
  clock: Clock;
};

const BEARER = /^Bearer +([^\s]+)$/i;

/**
 * Authenticates callers by `Authorization: Bearer` or `x-api-key`. Only hashes are compared, in constant time.
 *
 * With an anonymous caller and no configured keys, an unknown key counts as none, for clients that always send a key. One
 * of our own form does not: it is misspelt, or of another deployment, and what it asks for is not the anonymous caller's.
 *
 * @example
 * const authenticate = makeAuthenticate({ keys: parseApiKeys('acme:s3cret'), clock: systemClock });
 * await authenticate(new Headers({ authorization: 'Bearer s3cret' })); // { caller: 'acme' }
 */
export const makeAuthenticate = ({
  keys,
  findKey,
  anonymousCaller,
  clock,
}: AuthenticateDeps): Authenticate => {
  const anonymous = keys.size === 0 ? anonymousCaller : undefined;
  const lookUp = findKey ? remember(findKey, clock) : undefined;
  const configured = [...keys].map(([hash, caller]) => ({ digest: Buffer.from(hash, 'hex'), caller }));

  const callerOf = (hash: string): string | undefined => {
    const digest = Buffer.from(hash, 'hex');
    let found: string | undefined;
    for (const key of configured) {
      if (key.digest.length === digest.length && timingSafeEqual(key.digest, digest)) found = key.caller;
    }
    return found;
  };

  return async (headers, admitted = CALLERS) => {
    const secret = secretOf(headers);
    if (secret === undefined) {
      if (anonymous) return admit({ caller: anonymous }, 'anonymous', admitted);
      throw new AccessError('the request has no API key; send one as Authorization: Bearer or x-api-key', {
        code: 'unauthorized',
      });
    }
    const hash = keyHash(secret);
    const caller = callerOf(hash);
    if (caller) return admit({ caller }, 'caller', admitted);
    const stored = await lookUp?.(hash);
    if (stored && !stored.disabled) {
      const { caller: name, operator } = stored;
      const access: Access = { caller: name, storedKey: hash, ...(operator && { operator }) };
      return admit(access, operator ? 'operator' : 'caller', admitted);
    }
    if (anonymous && !stored && !isOwnForm(secret))
      return admit({ caller: anonymous }, 'anonymous', admitted);
    throw new AccessError(
      stored
        ? 'this API key is disabled; use another one'
        : 'this API key is not known; check it or ask for one',
      { code: 'forbidden' },
    );
  };
};

/**
 * Counts each authenticated request of a caller, before anything is done for it.
 *
 * @throws {LimitError} `too_many_requests` beyond the caller's limit; else as `authenticate` does.
 */
export const withRequestLimit =
  (authenticate: Authenticate, countRequest: CountRequest): Authenticate =>
  async (headers, admitted) => {
    const access = await authenticate(headers, admitted);
    await countRequest(access.caller);
    return access;
  };

const secretOf = (headers: Headers): string | undefined =>
  BEARER.exec(headers.get('authorization') ?? '')?.[1] ?? (headers.get('x-api-key') || undefined);
