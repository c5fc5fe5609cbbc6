import { InvalidInputError } from '../errors.ts';

const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/;

/** The Idempotency-Key, if one was sent. Throws `InvalidInputError` unless it is 1 to 255 visible ASCII characters. */
export const readIdempotencyKey = (headers: Headers): string | undefined => {
  const key = headers.get('idempotency-key');
  if (key === null) return undefined;
  if (!VISIBLE_ASCII.test(key)) {
    throw new InvalidInputError([
      { path: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' },
    ]);
  }
  return key;
};

/**
 * How long to wait for a whole answer, in ms: `Prefer: wait=N` seconds (RFC 7240), at most `mostMs`, which is also
 * the default. Preferences of other names are no business of ours. Throws `InvalidInputError` for another N.
 */
export const readWaitMs = (headers: Headers, mostMs: number): number => {
  const wait = (headers.get('prefer') ?? '')
    .split(/[,;]/)
    .map((preference) => preference.trim())
    .find((preference) => /^wait\s*(=|$)/i.test(preference));
  if (wait === undefined) return mostMs;
  const seconds = /^wait\s*=\s*"?(\d{1,9})"?$/i.exec(wait)?.[1];
  if (seconds === undefined) {
    throw new InvalidInputError([{ path: 'Prefer', message: 'wait must be a whole number of seconds' }]);
  }
  return Math.min(Number(seconds) * 1000, mostMs);
};
