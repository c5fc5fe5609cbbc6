import { InvalidInputError, NotFoundError } from '../errors.ts';
import { type ApiKey, type CallerList, isCallerName, type KeyStore, keyHash } from './api-key.ts';

export type KeyDeps = {
  keys: KeyStore;
  callers: Pick<CallerList, 'noteKeys'>;
  /** Epoch ms. */
  now: () => number;
  /** Generates a secret that cannot be guessed. */
  newSecret: () => string;
};

/** A new key. This is the only copy of its secret. */
type NewKey = { key: ApiKey; secret: string };

const MIN_PREFIX_DIGITS = 8;

/**
 * Creates another key for a caller, or for an operator; earlier keys stay valid.
 *
 * @throws {InvalidInputError} when the name is invalid, or has valid keys of the other kind.
 *
 * @example
 * const { key, secret } = await addKey('acme', { keys, now: Date.now, newSecret });
 */
export const addKey = async (
  caller: string,
  deps: KeyDeps,
  { operator = false }: { operator?: boolean } = {},
): Promise<NewKey> => {
  const earlier = await storedKeys(caller, deps);
  if (earlier.some((key) => !key.disabled && (key.operator ?? false) !== operator))
    throw invalid(
      operator
        ? `${caller} is a caller: choose another name for an operator`
        : `${caller} is an operator: add --operator, or choose another name for a caller`,
    );
  const made = await makeKey(caller, operator, deps);
  await note([...earlier, made.key], deps);
  return made;
};

/** Has an operator see how many keys a caller has. The index lags, so a key that was just written is told apart. */
const note = async (of: ApiKey[], { callers }: Pick<KeyDeps, 'callers'>): Promise<void> => {
  for (const [caller, own] of Map.groupBy(of, (key) => key.caller)) {
    const keys = [...new Map(own.map((key) => [key.sha256, key])).values()];
    const valid = keys.filter(({ disabled }) => !disabled);
    await callers.noteKeys(caller, {
      valid: valid.length,
      disabled: keys.length - valid.length,
      operator: (valid.length > 0 ? valid : keys).every(({ operator }) => operator),
    });
  }
};

const makeKey = async (
  caller: string,
  operator: boolean,
  { keys, now, newSecret }: KeyDeps,
): Promise<NewKey> => {
  const secret = newSecret();
  const key: ApiKey = {
    sha256: keyHash(secret),
    caller,
    ...(operator && { operator }),
    disabled: false,
    createdAt: new Date(now()).toISOString(),
  };
  if (!(await keys.create(key))) throw new Error('the new secret belongs to another key already; try again');
  return { key, secret };
};

/**
 * All keys, or those of one caller. An operator sees their numbers from then on, those of keys of earlier versions too.
 *
 * @throws {InvalidInputError} when the caller's name is invalid.
 */
export const listKeys = async (caller: string | undefined, deps: KeyDeps): Promise<ApiKey[]> => {
  const found = await storedKeys(caller, deps);
  await note(found, deps);
  return found;
};

const storedKeys = async (caller: string | undefined, { keys }: KeyDeps): Promise<ApiKey[]> => {
  if (caller !== undefined) checkCaller(caller);
  return keys.list(caller);
};

/**
 * Replaces the keys of a caller or an operator by one of the same kind: stores a new key, then disables the earlier ones.
 *
 * @throws {NotFoundError} `no_key` when the caller has no valid key, so that a typo creates no new caller.
 * @throws {InvalidInputError} when the caller's name is invalid.
 */
export const rotateKeys = async (caller: string, deps: KeyDeps): Promise<NewKey & { disabled: ApiKey[] }> => {
  const all = await storedKeys(caller, deps);
  const earlier = all.filter(({ disabled }) => !disabled);
  if (earlier.length === 0)
    throw new NotFoundError(`${caller} has no valid key to rotate; add one first`, { code: 'no_key' });
  const made = await makeKey(
    caller,
    earlier.every(({ operator }) => operator),
    deps,
  );
  await Promise.all(earlier.map(({ sha256 }) => deps.keys.disable(sha256)));
  await note([...all.map((key) => ({ ...key, disabled: true })), made.key], deps);
  return { ...made, disabled: earlier };
};

/**
 * Disables the key whose sha256 begins with these hex digits (eight or more).
 *
 * @throws {NotFoundError} `no_key` when no key begins with them.
 * @throws {InvalidInputError} when several keys begin with them, or it is no such prefix.
 */
export const disableKey = async (prefix: string, deps: KeyDeps): Promise<ApiKey> => {
  const { keys } = deps;
  const digits = prefix.toLowerCase();
  if (!/^[0-9a-f]{1,64}$/.test(digits) || digits.length < MIN_PREFIX_DIGITS)
    throw invalid(
      `'${prefix}' is not the beginning of a key's sha256: give ${MIN_PREFIX_DIGITS} hex digits or more`,
    );
  const isWhole = digits.length === 64;
  const found = isWhole ? [digits] : (await keys.list()).map(({ sha256 }) => sha256);
  const [sha256, ...others] = found.filter((each) => each.startsWith(digits));
  if (others.length > 0) throw invalid(`${others.length + 1} keys begin with ${digits}: give more digits`);
  const disabled = sha256 === undefined ? undefined : await keys.disable(sha256);
  if (!disabled) throw new NotFoundError(`no key's sha256 begins with ${digits}`, { code: 'no_key' });
  await note([...(await keys.list(disabled.caller)), disabled], deps);
  return disabled;
};

const checkCaller = (caller: string): void => {
  if (!isCallerName(caller))
    throw invalid(
      `'${caller}' is not a valid caller name: use up to 64 of A-Z a-z 0-9 . _ - and begin with a letter or digit`,
    );
};

const invalid = (message: string) => new InvalidInputError([{ path: '', message }]);
