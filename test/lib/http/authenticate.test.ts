import { describe, expect, test } from 'vitest';
import type { Clock } from '../../../lib/async/clock.ts';
import { ConfigurationError } from '../../../lib/errors.ts';
import {
  type Access,
  AccessError,
  makeAuthenticate,
  type StoredKey,
} from '../../../lib/http/authenticate.ts';
import { keyHash, parseApiKeys } from '../../../lib/keys/api-key.ts';
import { makeMemoryClock } from '../../memory/clock.ts';

const clock: Clock = { now: () => 0, monotonic: () => 0 };
const none = new Map<string, string>();
const bearer = (secret: string) => new Headers({ authorization: `Bearer ${secret}` });
const codeOf = (promise: Promise<Access>) =>
  promise.then(
    ({ caller }) => `caller ${caller}`,
    (error: unknown) => (error instanceof AccessError ? error.code : 'another error'),
  );

const ONE = 'secret-number-one';
const TWO = 'two:with:some:colons';

describe('authenticate', () => {
  const keys = parseApiKeys(`team-a:${ONE},team-b:${TWO}`);

  test('finds callers by bearer token and by x-api-key', async () => {
    const authenticate = makeAuthenticate({ keys, clock });
    expect(await authenticate(bearer(ONE))).toEqual({ caller: 'team-a' });
    expect(await authenticate(new Headers({ authorization: `bearer ${ONE}` }))).toEqual({ caller: 'team-a' });
    expect(await authenticate(new Headers({ 'x-api-key': TWO }))).toEqual({ caller: 'team-b' });
  });

  test('refuses a missing and a malformed key as unauthorized, a wrong one as forbidden', async () => {
    const authenticate = makeAuthenticate({ keys, anonymousCaller: 'local', clock });
    expect(await codeOf(authenticate(new Headers()))).toBe('unauthorized');
    expect(await codeOf(authenticate(new Headers({ 'x-api-key': '' })))).toBe('unauthorized');
    expect(await codeOf(authenticate(new Headers({ authorization: 'Basic b25l' })))).toBe('unauthorized');
    expect(await codeOf(authenticate(bearer('three')))).toBe('forbidden');
    expect(await codeOf(authenticate(bearer(keyHash(ONE))))).toBe('forbidden');
  });

  test('refuses everyone when there is neither a key nor an anonymous caller', async () => {
    const authenticate = makeAuthenticate({ keys: none, clock });
    expect(await codeOf(authenticate(new Headers()))).toBe('unauthorized');
    expect(await codeOf(authenticate(bearer(ONE)))).toBe('forbidden');
  });

  test('treats every request as the anonymous caller’s while no keys are configured, whatever its key', async () => {
    const authenticate = makeAuthenticate({ keys: none, anonymousCaller: 'local', clock });
    expect(await authenticate(new Headers())).toEqual({ caller: 'local' });
    expect(await authenticate(bearer('sk-anything'))).toEqual({ caller: 'local' });
  });

  test('finds stored keys, refuses disabled ones, and looks up once a minute, missing ones too', async () => {
    const passing = makeMemoryClock();
    const asked: string[] = [];
    const stored = new Map<string, StoredKey>([
      [keyHash('stored'), { caller: 'team-c', disabled: false }],
      [keyHash('old'), { caller: 'team-c', disabled: true }],
    ]);
    const authenticate = makeAuthenticate({
      keys,
      findKey: async (hash) => {
        asked.push(hash);
        return stored.get(hash);
      },
      clock: passing,
    });
    for (const _ of [1, 2]) {
      expect(await authenticate(bearer('stored'))).toEqual({
        caller: 'team-c',
        storedKey: keyHash('stored'),
      });
      expect(await codeOf(authenticate(bearer('old')))).toBe('forbidden');
      expect(await codeOf(authenticate(bearer('absent')))).toBe('forbidden');
      expect(await authenticate(bearer(ONE))).toEqual({ caller: 'team-a' });
    }
    expect(asked).toEqual(['stored', 'old', 'absent'].map(keyHash));
    stored.set(keyHash('stored'), { caller: 'team-c', disabled: true });
    await passing.advance(59_999);
    expect(await authenticate(bearer('stored'))).toEqual({ caller: 'team-c', storedKey: keyHash('stored') });
    await passing.advance(1);
    expect(await codeOf(authenticate(bearer('stored')))).toBe('forbidden');
  });

  test.each([
    ['is set back an hour', { now: -3_600_000, monotonic: 60_000 }],
    ['is set back to just after the look-up', { now: 1, monotonic: 60_000 }],
    [
      'goes on while the monotonic one stands still, as in a suspended sandbox',
      { now: 60_000, monotonic: 0 },
    ],
  ])('refuses a key disabled a minute ago when the wall clock %s', async (_, later) => {
    let instant = { now: 0, monotonic: 0 };
    let disabled = false;
    const authenticate = makeAuthenticate({
      keys: none,
      findKey: async () => ({ caller: 'team-c', disabled }),
      clock: { now: () => instant.now, monotonic: () => instant.monotonic },
    });
    expect(await authenticate(bearer('stored'))).toEqual({ caller: 'team-c', storedKey: keyHash('stored') });
    disabled = true;
    instant = later;
    expect(await codeOf(authenticate(bearer('stored')))).toBe('forbidden');
  });

  test('refuses an unknown key of our own form even where the anonymous caller is let in', async () => {
    const authenticate = makeAuthenticate({ keys: none, anonymousCaller: 'local', clock });
    await expect(authenticate(new Headers({ 'x-api-key': 'et_misspelt' }))).rejects.toMatchObject({
      code: 'forbidden',
    });
  });

  test('refuses a disabled key even where the anonymous caller is let in', async () => {
    const authenticate = makeAuthenticate({
      keys: none,
      findKey: async () => ({ caller: 'x', disabled: true }),
      anonymousCaller: 'local',
      clock,
    });
    expect(await codeOf(authenticate(bearer('old')))).toBe('forbidden');
  });
});

describe('parseApiKeys', () => {
  test('reads none from empty text and blank entries', () => {
    expect(parseApiKeys('').size).toBe(0);
    expect([...parseApiKeys(` a:${ONE} ,, b:${TWO},`).values()]).toEqual(['a', 'b']);
  });

  test('names wrong entries by their place, never by their contents', () => {
    const read = () => parseApiKeys(`good:${ONE},nosecret,a b:${TWO},c:,d:${ONE},e:secret0`);
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(
      /entry 2 .*; entry 3 .*; entry 4 .*; entry 5 .*; the secret of e \(entry 6\) is shorter than 16/,
    );
    expect(read).not.toThrow(/secret\d|nosecret|secret-number|colons/);
  });
});
