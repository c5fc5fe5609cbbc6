import type { StreamBlock, StreamBlocks, StreamPlace } from '../../lib/runs/stream-blocks.ts';

const PAGE = 3;

const compare = (a: StreamPlace, b: StreamPlace): number =>
  a.attempt - b.attempt || a.index - b.index || a.number - b.number;

/** Blocks of running streams in a list. */
export const makeMemoryStreamBlocks = (): StreamBlocks & { blocks: () => StreamBlock[] } => {
  let blocks: StreamBlock[] = [];
  return {
    blocks: () => blocks,
    put: async (block) => {
      const others = blocks.filter((other) => other.runId !== block.runId || compare(other, block) !== 0);
      blocks = [...others, { ...block }];
    },
    read: async function* (runId, after) {
      const found = blocks
        .filter((block) => block.runId === runId && (!after || compare(block, after) > 0))
        .sort(compare);
      for (let at = 0; at < found.length; at += PAGE) yield found.slice(at, at + PAGE);
    },
    delete: async (runId) => {
      blocks = blocks.filter((block) => block.runId !== runId);
    },
  };
};
