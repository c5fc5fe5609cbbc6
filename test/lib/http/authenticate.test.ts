import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../../lib/errors.ts';
import { AccessError, makeAuthenticate, type StoredKey } from '../../../lib/http/authenticate.ts';
import { keyHash, parseApiKeys } from '../../../lib/keys/api-key.ts';

const now = () => 0;
const none = new Map<string, string>();
const bearer = (secret: string) => new Headers({ authorization: `Bearer ${secret}` });
const codeOf = (promise: Promise<string>) =>
  promise.then(
    (caller) => `caller ${caller}`,
    (error: unknown) => (error instanceof AccessError ? error.code : 'another error'),
  );

describe('authenticate', () => {
  const keys = parseApiKeys('team-a:one,team-b:two:with:colons');

  test('finds callers by bearer token and by x-api-key', async () => {
    const authenticate = makeAuthenticate({ keys, now });
    expect(await authenticate(bearer('one'))).toBe('team-a');
    expect(await authenticate(new Headers({ authorization: 'bearer one' }))).toBe('team-a');
    expect(await authenticate(new Headers({ 'x-api-key': 'two:with:colons' }))).toBe('team-b');
  });

  test('refuses a missing and a malformed key as unauthorized, a wrong one as forbidden', async () => {
    const authenticate = makeAuthenticate({ keys, anonymousCaller: 'local', now });
    expect(await codeOf(authenticate(new Headers()))).toBe('unauthorized');
    expect(await codeOf(authenticate(new Headers({ 'x-api-key': '' })))).toBe('unauthorized');
    expect(await codeOf(authenticate(new Headers({ authorization: 'Basic b25l' })))).toBe('unauthorized');
    expect(await codeOf(authenticate(bearer('three')))).toBe('forbidden');
    expect(await codeOf(authenticate(bearer(keyHash('one'))))).toBe('forbidden');
  });

  test('refuses everyone when there is neither a key nor an anonymous caller', async () => {
    const authenticate = makeAuthenticate({ keys: none, now });
    expect(await codeOf(authenticate(new Headers()))).toBe('unauthorized');
    expect(await codeOf(authenticate(bearer('one')))).toBe('forbidden');
  });

  test('treats every request as the anonymous caller’s while no keys are configured, whatever its key', async () => {
    const authenticate = makeAuthenticate({ keys: none, anonymousCaller: 'local', now });
    expect(await authenticate(new Headers())).toBe('local');
    expect(await authenticate(bearer('sk-anything'))).toBe('local');
  });

  test('finds stored keys, refuses disabled ones, and looks up once a minute, missing ones too', async () => {
    let time = 0;
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
      now: () => time,
    });
    for (const _ of [1, 2]) {
      expect(await authenticate(bearer('stored'))).toBe('team-c');
      expect(await codeOf(authenticate(bearer('old')))).toBe('forbidden');
      expect(await codeOf(authenticate(bearer('absent')))).toBe('forbidden');
      expect(await authenticate(bearer('one'))).toBe('team-a');
    }
    expect(asked).toEqual(['stored', 'old', 'absent'].map(keyHash));
    stored.set(keyHash('stored'), { caller: 'team-c', disabled: true });
    time = 59_999;
    expect(await authenticate(bearer('stored'))).toBe('team-c');
    time = 60_000;
    expect(await codeOf(authenticate(bearer('stored')))).toBe('forbidden');
  });

  test('refuses a disabled key even where the anonymous caller is let in', async () => {
    const authenticate = makeAuthenticate({
      keys: none,
      findKey: async () => ({ caller: 'x', disabled: true }),
      anonymousCaller: 'local',
      now,
    });
    expect(await codeOf(authenticate(bearer('old')))).toBe('forbidden');
  });
});

describe('parseApiKeys', () => {
  test('reads none from empty text and blank entries', () => {
    expect(parseApiKeys('').size).toBe(0);
    expect([...parseApiKeys(' a:1 ,, b:2,').values()]).toEqual(['a', 'b']);
  });

  test('names wrong entries by their place, never by their contents', () => {
    const read = () => parseApiKeys('good:secret0,nosecret,a b:secret1,c:,d:secret0');
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(/entry 2 .*; entry 3 .*; entry 4 .*; entry 5 /);
    expect(read).not.toThrow(/secret\d|nosecret/);
  });
});
