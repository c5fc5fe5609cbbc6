import { InvalidInputError, NotFoundError } from '../errors.ts';
import { type ApiKey, isCallerName, type KeyStore, keyHash } from './api-key.ts';

export type KeyDeps = {
  keys: KeyStore;
  /** Epoch ms. */
  now: () => number;
  /** A new secret that nobody can guess. */
  newSecret: () => string;
};

/** A key that was just made. The secret is here and nowhere else. */
type NewKey = { key: ApiKey; secret: string };

const FEWEST_DIGITS = 8;

/** Makes a further key for a caller; earlier ones stay valid. Throws `InvalidInputError` for a wrong name. */
export const addKey = async (caller: string, { keys, now, newSecret }: KeyDeps): Promise<NewKey> => {
  checkCaller(caller);
  const secret = newSecret();
  const key: ApiKey = {
    sha256: keyHash(secret),
    caller,
    disabled: false,
    createdAt: new Date(now()).toISOString(),
  };
  if (!(await keys.create(key))) throw new Error('a new secret was that of another key');
  return { key, secret };
};

/** All keys or those of one caller. Throws `InvalidInputError` for a wrong name. */
export const listKeys = async (caller: string | undefined, { keys }: KeyDeps): Promise<ApiKey[]> => {
  if (caller !== undefined) checkCaller(caller);
  return keys.list(caller);
};

/**
 * A new key for a caller in place of those it has, which are disabled once the new one is stored. Throws
 * `NotFoundError` for a caller without a valid key, so that a slip of the pen makes no new caller.
 */
export const rotateKeys = async (caller: string, deps: KeyDeps): Promise<NewKey & { disabled: ApiKey[] }> => {
  const earlier = (await listKeys(caller, deps)).filter(({ disabled }) => !disabled);
  if (earlier.length === 0) throw new NotFoundError(`${caller} has no valid key`, { code: 'no_key' });
  const made = await addKey(caller, deps);
  await Promise.all(earlier.map(({ sha256 }) => deps.keys.disable(sha256)));
  return { ...made, disabled: earlier };
};

/**
 * Disables the one key whose sha256 begins with these hex digits, eight at least. Throws `NotFoundError` without such
 * a key and `InvalidInputError` when there are several.
 */
export const disableKey = async (prefix: string, { keys }: KeyDeps): Promise<ApiKey> => {
  const digits = prefix.toLowerCase();
  if (!/^[0-9a-f]{1,64}$/.test(digits) || digits.length < FEWEST_DIGITS)
    throw wrong(
      `'${prefix}' is not the beginning of a key's sha256: give ${FEWEST_DIGITS} hex digits or more`,
    );
  const isWhole = digits.length === 64;
  const found = isWhole ? [digits] : (await keys.list()).map(({ sha256 }) => sha256);
  const [sha256, ...others] = found.filter((each) => each.startsWith(digits));
  if (others.length > 0) throw wrong(`${others.length + 1} keys begin with ${digits}: give more digits`);
  const disabled = sha256 === undefined ? undefined : await keys.disable(sha256);
  if (!disabled) throw new NotFoundError(`no key begins with ${digits}`, { code: 'no_key' });
  return disabled;
};

const checkCaller = (caller: string): void => {
  if (!isCallerName(caller))
    throw wrong(
      `'${caller}' is no caller's name: use up to 64 of A-Z a-z 0-9 . _ - and begin with a letter or digit`,
    );
};

const wrong = (message: string) => new InvalidInputError([{ path: '', message }]);
