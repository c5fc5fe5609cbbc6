import { createHash } from 'node:crypto';
import { ConfigurationError } from '../errors.ts';

/** A stored API key. The secret itself is never stored, only its SHA-256 in hex. */
export type ApiKey = {
  sha256: string;
  caller: string;
  /** It reads figures of all callers and nothing that they wrote; `caller` is the operator's name. */
  operator?: true;
  disabled: boolean;
  /** ISO 8601, UTC. */
  createdAt: string;
};

/** How many keys a caller or an operator has. */
export type KeyCounts = { valid: number; disabled: number; operator: boolean };

/**
 * The callers of a deployment, so that an operator can list them without any right to the keys. The sweep enters a caller
 * when it sums an hour of its, so that no run pays for it; the command notes a caller's keys whenever it changes or lists
 * them.
 */
export type CallerList = {
  /** Repeating it changes nothing. */
  enter(caller: string): Promise<void>;
  noteKeys(caller: string, keys: KeyCounts): Promise<void>;
  /** All callers by name. `keys` is null where the command has not seen a key of theirs. */
  all(): Promise<{ caller: string; keys: KeyCounts | null }[]>;
};

export type KeyStore = {
  /** Returns false and changes nothing when a key with this sha256 exists. */
  create(key: ApiKey): Promise<boolean>;
  get(sha256: string): Promise<ApiKey | undefined>;
  /** Returns the disabled key; `undefined` when there is none. */
  disable(sha256: string): Promise<ApiKey | undefined>;
  /** All keys, or one caller's, disabled ones included; by caller, then oldest first. Eventually consistent. */
  list(caller?: string): Promise<ApiKey[]>;
};

/** The least length of a secret in EVERYTOKEN_API_KEYS. Those that the command makes have 46 characters. */
const MIN_SECRET_LENGTH = 16;
const CALLER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Whether a text is a valid caller name. Names are used unescaped in item keys, prefixes and namespaces. */
export const isCallerName = (text: string): boolean => CALLER.test(text);

/** Keys that everytoken makes begin with it, so that a key of ours can be told from those of other services. */
const PREFIX = 'et_';

/** A new key from 32 random bytes. */
export const keyOf = (random: Uint8Array): string => `${PREFIX}${Buffer.from(random).toString('base64url')}`;

/** Whether a secret has the form of the keys that everytoken makes. */
export const isOwnForm = (secret: string): boolean => secret.startsWith(PREFIX);

/** The SHA-256 of a secret in hex; keys are stored and compared by it. */
export const keyHash = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/**
 * Parses `caller:secret,…` into a map from a secret's SHA-256 (hex) to its caller. Empty text has no keys. A caller may
 * have several keys. A secret has at least 16 characters, since shorter ones can be guessed.
 *
 * @throws {ConfigurationError} naming the wrong entries by position and caller, never by secret.
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
    else if (secret.length < MIN_SECRET_LENGTH)
      problems.push(
        `the secret of ${caller} (entry ${at + 1}) is shorter than ${MIN_SECRET_LENGTH} characters`,
      );
    else if (keys.has(keyHash(secret))) problems.push(`entry ${at + 1} repeats the secret of another entry`);
    else keys.set(keyHash(secret), caller);
  }
  if (problems.length > 0) {
    throw new ConfigurationError(`EVERYTOKEN_API_KEYS must be caller:secret,…: ${problems.join('; ')}`);
  }
  return keys;
};
