import { describe, expect, test } from 'vitest';
import { keyHash } from '../../../lib/keys/api-key.ts';
import { addKey, disableKey, listKeys, rotateKeys } from '../../../lib/keys/manage-keys.ts';
import { makeMemoryCallerList } from '../../memory/caller-list.ts';
import { makeMemoryKeyStore } from '../../memory/key-store.ts';

const makeDeps = () => {
  let made = 0;
  let time = Date.UTC(2026, 10, 22);
  return {
    keys: makeMemoryKeyStore(),
    callers: makeMemoryCallerList(),
    now: () => {
      time += 1_000;
      return time;
    },
    newSecret: () => {
      made += 1;
      return `secret-${made}`;
    },
  };
};

describe('managing the keys of callers', () => {
  test('stores the sha256 of a new secret and not the secret', async () => {
    const deps = makeDeps();
    const { key, secret } = await addKey('team-a', deps);
    expect(secret).toBe('secret-1');
    expect(key).toEqual({
      sha256: keyHash('secret-1'),
      caller: 'team-a',
      disabled: false,
      createdAt: '2026-11-22T00:00:01.000Z',
    });
    expect(await deps.keys.get(keyHash(secret))).toEqual(key);
    expect(JSON.stringify(await deps.keys.list())).not.toContain(secret);
  });

  test('creates any number of keys for one caller, all valid', async () => {
    const deps = makeDeps();
    for (const caller of ['team-a', 'team-b', 'team-a']) await addKey(caller, deps);
    expect((await listKeys('team-a', deps)).map(({ sha256, disabled }) => [sha256, disabled])).toEqual([
      [keyHash('secret-1'), false],
      [keyHash('secret-3'), false],
    ]);
    expect(await listKeys(undefined, deps)).toHaveLength(3);
  });

  test('never overwrites a stored key', async () => {
    const deps = { ...makeDeps(), newSecret: () => 'the same' };
    await addKey('team-a', deps);
    await expect(addKey('team-b', deps)).rejects.toThrow('another key');
    expect(await deps.keys.get(keyHash('the same'))).toMatchObject({ caller: 'team-a' });
  });

  test.each(['', '-a', 'a b', 'a#b', 'a/b', 'ä', 'x'.repeat(65)])(
    'refuses %j as the name of a caller',
    async (caller) => {
      const deps = makeDeps();
      for (const attempt of [addKey, rotateKeys, listKeys])
        await expect(attempt(caller, deps)).rejects.toMatchObject({ code: 'invalid_input' });
      expect(await deps.keys.list()).toEqual([]);
    },
  );

  test("rotates: creates one new key and disables all earlier ones of the caller, nobody else's", async () => {
    const deps = makeDeps();
    for (const caller of ['team-a', 'team-b', 'team-a']) await addKey(caller, deps);
    const { secret, disabled } = await rotateKeys('team-a', deps);
    expect(secret).toBe('secret-4');
    expect(disabled.map(({ sha256 }) => sha256)).toEqual([keyHash('secret-1'), keyHash('secret-3')]);
    const valid = (await deps.keys.list()).filter((key) => !key.disabled).map(({ sha256 }) => sha256);
    expect(valid).toEqual([keyHash('secret-4'), keyHash('secret-2')]);
    expect((await rotateKeys('team-a', deps)).disabled.map(({ sha256 }) => sha256)).toEqual([
      keyHash('secret-4'),
    ]);
  });

  test('stores the new key before it disables the earlier ones', async () => {
    const deps = makeDeps();
    await addKey('team-a', deps);
    const keys = {
      ...deps.keys,
      create: async () => {
        throw new Error('the table does not answer');
      },
    };
    await expect(rotateKeys('team-a', { ...deps, keys })).rejects.toThrow('does not answer');
    expect(await deps.keys.get(keyHash('secret-1'))).toMatchObject({ disabled: false });
  });

  test('creates no key by rotation for a caller without a valid one', async () => {
    const deps = makeDeps();
    const { key } = await addKey('team-a', deps);
    await disableKey(key.sha256, deps);
    for (const caller of ['team-a', 'tema-a'])
      await expect(rotateKeys(caller, deps)).rejects.toMatchObject({ code: 'no_key' });
    expect(await deps.keys.list()).toHaveLength(1);
  });

  test('disables one key by its sha256 or a prefix of it, in either case', async () => {
    const deps = makeDeps();
    for (const length of [8, 12, 64]) {
      const { key } = await addKey('team-a', deps);
      const disabled = await disableKey(key.sha256.slice(0, length).toUpperCase(), deps);
      expect(disabled).toEqual({ ...key, disabled: true });
    }
  });

  test('disables nothing by a prefix that is too short, unknown, or shared by several keys', async () => {
    const deps = makeDeps();
    const { key } = await addKey('team-a', deps);
    const twin = { ...key, sha256: `${key.sha256.slice(0, 63)}${key.sha256.endsWith('0') ? 1 : 0}` };
    await deps.keys.create(twin);
    await expect(disableKey(key.sha256.slice(0, 7), deps)).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(disableKey('secret-1', deps)).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(disableKey(key.sha256.slice(0, 63), deps)).rejects.toThrow('2 keys begin with');
    await expect(disableKey(keyHash('another'), deps)).rejects.toMatchObject({ code: 'no_key' });
    expect((await deps.keys.list()).some(({ disabled }) => disabled)).toBe(false);
  });
});

describe("an operator's keys", () => {
  test('need a name that no caller has, and keep their kind when they are rotated', async () => {
    const deps = makeDeps();
    expect((await addKey('ops', deps, { operator: true })).key).toMatchObject({ operator: true });
    await expect(addKey('ops', deps)).rejects.toMatchObject({ code: 'invalid_input' });
    expect((await rotateKeys('ops', deps)).key).toMatchObject({ operator: true });
    const { key } = await addKey('team', deps);
    expect(key.operator).toBeUndefined();
    await expect(addKey('team', deps, { operator: true })).rejects.toMatchObject({ code: 'invalid_input' });
  });

  test('let an operator see how many keys each has, those of earlier versions once they are listed', async () => {
    const deps = makeDeps();
    const { key } = await addKey('team', deps);
    await rotateKeys('team', deps);
    const { key: third } = await addKey('team', deps);
    await disableKey(third.sha256, deps);
    await deps.keys.create({ ...key, sha256: 'f'.repeat(64), caller: 'early' });
    const countsOf = async () =>
      (await deps.callers.all()).map(({ caller, keys }) => [caller, keys?.valid, keys?.disabled]);
    expect(await countsOf()).toEqual([['team', 1, 2]]);
    await listKeys(undefined, deps);
    expect(await countsOf()).toEqual([
      ['early', 1, 0],
      ['team', 1, 2],
    ]);
  });
});
