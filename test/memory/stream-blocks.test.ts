import { streamBlocksContract } from '../contracts/stream-blocks.ts';
import { makeMemoryStreamBlocks } from './stream-blocks.ts';

streamBlocksContract('Memory', async () => ({ blocks: makeMemoryStreamBlocks(), close: async () => {} }));
