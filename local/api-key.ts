import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Makes a random API key for a local service. */
export const newApiKey = (prefix: string): string => `${prefix}${randomBytes(24).toString('base64url')}`;

/** Compares keys in a time that says nothing of their characters. */
export const isSameKey = (given: string, key: string): boolean => {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(key));
};
