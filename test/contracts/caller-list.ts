import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallerList } from '../../lib/keys/api-key.ts';

/** The contract of the list of callers, for every implementation; it begins empty. */
export const callerListContract = (
  name: string,
  open: () => Promise<{ callers: CallerList; close(): Promise<void> }>,
): void => {
  describe(`${name} as a list of callers`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => opened?.close());

    test('has each caller once, by name, with its keys as they were noted last', async () => {
      const { callers } = opened;
      expect(await callers.all()).toEqual([]);
      const keys = { valid: 1, disabled: 2, operator: false };
      for (const caller of ['b', 'a.1', 'b']) await callers.enter(caller);
      await callers.noteKeys('c', { ...keys, operator: true });
      await callers.noteKeys('b', { ...keys, valid: 3 });
      await callers.noteKeys('b', keys);
      await callers.enter('c');
      expect(await callers.all()).toEqual([
        { caller: 'a.1', keys: null },
        { caller: 'b', keys },
        { caller: 'c', keys: { ...keys, operator: true } },
      ]);
    });
  });
};
