import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Conversations, Turn } from '../../lib/runs/conversations.ts';

/** The contract of the store of turns, for every implementation. */
export const conversationsContract = (
  name: string,
  open: () => Promise<{ conversations: Conversations; close(): Promise<void> }>,
): void => {
  describe(`${name} as a store of turns`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let conversations: Conversations;
    beforeAll(async () => {
      opened = await open();
      conversations = opened.conversations;
    });
    afterAll(async () => opened?.close());

    const turn = (at: number, own: Partial<Turn> = {}): Turn => ({
      id: `run_${at}`,
      createdAt: new Date(Date.UTC(2026, 10, 22, 13, at)).toISOString(),
      conversation: null,
      answer: `answer ${at}`,
      ...own,
    });

    test('reads the newest turns of a key first, as they were written', async () => {
      const turns = [turn(2, { conversation: 'Plans #1 ü' }), turn(1), turn(3)];
      for (const one of turns) await conversations.put('a', one);
      await conversations.put('b', turn(4));
      expect(await conversations.newest('a', 10)).toEqual([turns[2], turns[0], turns[1]]);
      expect(await conversations.newest('a', 1)).toEqual([turns[2]]);
      expect(await conversations.newest('none', 10)).toEqual([]);
    });

    test('holds a turn once, however often it is written, and no more once it is deleted', async () => {
      await conversations.put('c', turn(1));
      await conversations.put('c', turn(1));
      await conversations.put('c', turn(2));
      expect(await conversations.newest('c', 10)).toHaveLength(2);
      await conversations.delete('c', turn(1));
      await conversations.delete('c', turn(1));
      expect(await conversations.newest('c', 10)).toEqual([turn(2)]);
    });
  });
};
