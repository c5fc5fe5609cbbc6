import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StreamBlock, StreamBlocks, StreamPlace } from '../../lib/runs/stream-blocks.ts';

const blockAt = (runId: string, attempt: number, index: number, number: number): StreamBlock => ({
  ...{ runId, caller: 'docs', attempt, index, number },
  chunks: JSON.stringify([`${attempt}.${index}.${number}`]),
});

/** The contract of the blocks of running streams, for every implementation. */
export const streamBlocksContract = (
  name: string,
  open: () => Promise<{ blocks: StreamBlocks; close(): Promise<void> }>,
): void => {
  describe(`${name} as a store of stream blocks`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => opened?.close());

    const read = async (runId: string, after?: StreamPlace): Promise<StreamBlock[]> => {
      const found: StreamBlock[] = [];
      for await (const page of opened.blocks.read(runId, after)) found.push(...page);
      return found;
    };
    const put = (blocks: StreamBlock[]) => Promise.all(blocks.map((block) => opened.blocks.put(block)));

    test('blocks are read in the order of attempt, output and number, as numbers', async () => {
      const blocks = [
        blockAt('r1', 1, 0, 2),
        blockAt('r1', 1, 0, 10),
        blockAt('r1', 1, 2, 1),
        blockAt('r1', 10, 0, 0),
      ];
      await put(blocks.toReversed());
      expect(await read('r1')).toEqual(blocks);
      expect(await read('r0')).toEqual([]);
    });

    test('a reader goes on after the place that it has read last', async () => {
      const blocks = Array.from({ length: 12 }, (_, number) => blockAt('r2', 1, 0, number));
      await put(blocks);
      expect(await read('r2', blocks[8])).toEqual(blocks.slice(9));
      expect(await read('r2', blocks[11])).toEqual([]);
      expect(await read('r2', { attempt: 1, index: 0, number: 40 })).toEqual([]);
    });

    test('a block that is written again is one block, with its last chunks', async () => {
      await put([blockAt('r3', 1, 0, 0)]);
      const again = { ...blockAt('r3', 1, 0, 0), chunks: '["again"]' };
      await put([again]);
      expect(await read('r3')).toEqual([again]);
    });

    test('large blocks come whole, over several pages', async () => {
      const blocks = Array.from({ length: 160 }, (_, number) => ({
        ...blockAt('r4', 1, 0, number),
        chunks: JSON.stringify('ü'.repeat(4_000)),
      }));
      await put(blocks);
      expect(await read('r4')).toEqual(blocks);
      await opened.blocks.delete('r4');
      expect(await read('r4')).toEqual([]);
    });

    test('the deletion of a run’s blocks leaves those of others, and may be repeated', async () => {
      await put([blockAt('r5', 1, 0, 0), blockAt('r5', 2, 0, 0), blockAt('r50', 1, 0, 0)]);
      await opened.blocks.delete('r5');
      await opened.blocks.delete('r5');
      expect(await read('r5')).toEqual([]);
      expect(await read('r50')).toEqual([blockAt('r50', 1, 0, 0)]);
    });
  });
};
