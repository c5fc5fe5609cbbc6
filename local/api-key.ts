import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Makes a random API key for a local service. */
export const newApiKey = (prefix: string): string => `${prefix}${randomBytes(24).toString('base64url')}`;

/** Compares keys in a time that says nothing of their characters. */
export const isSameKey = (given: string, key: string): boolean => {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(key));
};

/**
 * A key of the stack's own caller, with which its commands read the API, and the list of keys with it. Without a list
 * the API asks for no key. A secret that the list has for this caller is its key.
 *
 * @param list `caller:secret,…`, as EVERYTOKEN_API_KEYS has it
 */
export const withOwnKey = (
  list: string | undefined,
  caller: string,
): { list: string; key: string | null } => {
  const entries = (list ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (list === undefined || entries.length === 0) return { list: '', key: null };
  const given = entries.find((entry) => entry.startsWith(`${caller}:`))?.slice(caller.length + 1);
  if (given !== undefined) return { list, key: given };
  const key = newApiKey('et-local-');
  return { list: `${list},${caller}:${key}`, key };
};
