import { createHash } from 'node:crypto';
import { ConfigurationError } from '../errors.ts';

/** A key as it is kept: its secret is nowhere, only the sha256 (hex) of it. */
export type ApiKey = {
  sha256: string;
  caller: string;
  disabled: boolean;
  /** ISO 8601, UTC. */
  createdAt: string;
};

/** Where keys are kept. */
export type KeyStore = {
  /** False when there is a key with this sha256 already; that one stays as it is. */
  create(key: ApiKey): Promise<boolean>;
  get(sha256: string): Promise<ApiKey | undefined>;
  /** Gives the key as it then is; `undefined` when there is none. */
  disable(sha256: string): Promise<ApiKey | undefined>;
  /** All keys, or one caller's, disabled ones included; by caller, then oldest first. May lag behind for a moment. */
  list(caller?: string): Promise<ApiKey[]>;
};

const CALLER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Whether a text can name a caller: it stands in keys, prefixes and namespaces as it is. */
export const isCallerName = (text: string): boolean => CALLER.test(text);

/** What stands for a key wherever one is stored or compared: its sha256 in hex. */
export const keyHash = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/**
 * Keys from `caller:secret,…`, as a map from a secret's sha256 (hex) to its caller; empty text gives no keys. One
 * caller may have many keys. Throws `ConfigurationError` that names the wrong entries by their place, never by content.
 */
export const parseApiKeys = (text: string): Map<string, string> => {
  const keys = new Map<string, string>();
  const problems: string[] = [];
  for (const [at, entry] of text.split(',').entries()) {
    if (entry.trim() === '') continue;
    const [caller = '', ...rest] = entry.trim().split(':');
    const secret = rest.join(':');
    if (!isCallerName(caller))
      problems.push(`entry ${at + 1} does not begin with a caller's name and a colon`);
    else if (secret === '') problems.push(`entry ${at + 1} has no secret`);
    else if (keys.has(keyHash(secret))) problems.push(`entry ${at + 1} repeats the secret of another entry`);
    else keys.set(keyHash(secret), caller);
  }
  if (problems.length > 0) {
    throw new ConfigurationError(`EVERYTOKEN_API_KEYS must be caller:secret,…: ${problems.join('; ')}`);
  }
  return keys;
};
