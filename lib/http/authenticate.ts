import { timingSafeEqual } from 'node:crypto';
import { remember } from '../async/remember.ts';
import { EverytokenError } from '../errors.ts';
import { keyHash } from '../keys/api-key.ts';

export type StoredKey = { caller: string; disabled: boolean };

/** The caller that a request's headers stand for. Throws `AccessError`. */
export type Authenticate = (headers: Headers) => Promise<string>;

/** The caller is refused: `unauthorized` without a key (401), `forbidden` with one that is wrong or disabled (403). */
export class AccessError extends EverytokenError {
  override readonly name = 'AccessError';
  constructor(message: string, { code }: { code: 'unauthorized' | 'forbidden' }) {
    super(message, { code, retryable: false });
  }
}

export type AuthenticateDeps = {
  /** sha256 (hex) of a secret -> its caller, from the configuration. */
  keys: ReadonlyMap<string, string>;
  /** Looks a key up where others are stored; its answer is remembered for a minute. */
  findKey?: (sha256: string) => Promise<StoredKey | undefined>;
  /** The caller of requests without a known key, as long as the configuration holds no keys. */
  anonymousCaller?: string | undefined;
  /** Epoch ms. */
  now: () => number;
};

const BEARER = /^Bearer +([^\s]+)$/i;

/**
 * Callers by `Authorization: Bearer` or `x-api-key`. Only hashes are compared, in constant time. Without a key 401,
 * with a wrong or disabled one 403. Where no keys are configured but an anonymous caller is, a request without a known
 * key is that caller's, so that a client that must send some key can.
 */
export const makeAuthenticate = ({ keys, findKey, anonymousCaller, now }: AuthenticateDeps): Authenticate => {
  const anonymous = keys.size === 0 ? anonymousCaller : undefined;
  const lookUp = findKey ? remember(findKey, now) : undefined;
  const configured = [...keys].map(([hash, caller]) => ({ digest: Buffer.from(hash, 'hex'), caller }));

  const callerOf = (hash: string): string | undefined => {
    const digest = Buffer.from(hash, 'hex');
    let found: string | undefined;
    for (const key of configured) {
      if (key.digest.length === digest.length && timingSafeEqual(key.digest, digest)) found = key.caller;
    }
    return found;
  };

  return async (headers) => {
    const secret = secretOf(headers);
    if (secret === undefined) {
      if (anonymous) return anonymous;
      throw new AccessError('give a key as Authorization: Bearer or x-api-key', { code: 'unauthorized' });
    }
    const hash = keyHash(secret);
    const caller = callerOf(hash);
    if (caller) return caller;
    const stored = await lookUp?.(hash);
    if (stored && !stored.disabled) return stored.caller;
    if (anonymous && !stored) return anonymous;
    throw new AccessError(stored ? 'this key is disabled' : 'this key is not known', { code: 'forbidden' });
  };
};

const secretOf = (headers: Headers): string | undefined =>
  BEARER.exec(headers.get('authorization') ?? '')?.[1] ?? (headers.get('x-api-key') || undefined);
