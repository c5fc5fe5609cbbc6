import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiKey, type KeyStore, keyHash } from '../../lib/keys/api-key.ts';

const makeKey = (secret: string, own: Partial<ApiKey> = {}): ApiKey => ({
  sha256: keyHash(secret),
  caller: 'team-a',
  disabled: false,
  createdAt: '2026-11-22T13:00:00.000Z',
  ...own,
});

/** The contract of the store of API keys, for every implementation. */
export const keyStoreContract = (
  name: string,
  open: () => Promise<{ keys: KeyStore; close(): Promise<void> }>,
): void => {
  describe(`${name} as a key store`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let keys: KeyStore;
    beforeAll(async () => {
      opened = await open();
      keys = opened.keys;
    });
    afterAll(async () => opened?.close());

    test('finds a key by its sha256, and nothing by another', async () => {
      const key = makeKey('first', { caller: 'first' });
      expect(await keys.create(key)).toBe(true);
      expect(await keys.get(key.sha256)).toEqual(key);
      expect(await keys.get(keyHash('absent'))).toBeUndefined();
      expect(await keys.get('first')).toBeUndefined();
    });

    test("keeps an operator's key as one", async () => {
      const key = makeKey('ops', { caller: 'ops', operator: true });
      await keys.create(key);
      await keys.disable(key.sha256);
      expect(await keys.get(key.sha256)).toEqual({ ...key, disabled: true });
      expect(await keys.list('ops')).toEqual([{ ...key, disabled: true }]);
    });

    test('keeps the first of two keys with the same sha256', async () => {
      const key = makeKey('twice', { caller: 'twice', disabled: true });
      expect(await keys.create(key)).toBe(true);
      expect(await keys.create({ ...key, caller: 'thief', disabled: false })).toBe(false);
      expect(await keys.get(key.sha256)).toEqual(key);
    });

    test('disables a key any number of times, and creates none when it is missing', async () => {
      const key = makeKey('disabled', { caller: 'disabled' });
      await keys.create(key);
      for (const _ of [1, 2]) expect(await keys.disable(key.sha256)).toEqual({ ...key, disabled: true });
      expect(await keys.get(key.sha256)).toEqual({ ...key, disabled: true });
      expect(await keys.disable(keyHash('absent'))).toBeUndefined();
      expect(await keys.get(keyHash('absent'))).toBeUndefined();
    });

    test('lists the keys of one caller, oldest first, and none of a caller whose name has it as a prefix', async () => {
      const second = makeKey('lists 2', { caller: 'lists', createdAt: '2026-11-22T14:00:00.000Z' });
      const first = makeKey('lists 1', { caller: 'lists' });
      const other = makeKey('lists 3', { caller: 'lists-too' });
      for (const key of [second, first, other]) await keys.create(key);
      await keys.disable(first.sha256);
      expect(await keys.list('lists')).toEqual([{ ...first, disabled: true }, second]);
      expect(await keys.list('list')).toEqual([]);
      expect((await keys.list()).filter(({ caller }) => caller.startsWith('lists'))).toEqual([
        { ...first, disabled: true },
        second,
        other,
      ]);
    });
  });
};
