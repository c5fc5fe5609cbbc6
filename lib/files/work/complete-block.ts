import type { Block } from '../prompt-file.ts';
import { type SendBlocksDeps, sendBlocks } from './blocks.ts';

/** Notes a full block in its FILE, then sends the next, or asks for the results. Repeating it is harmless. */
export const completeBlock = async (
  { fileId, number, counts }: Block,
  deps: SendBlocksDeps,
): Promise<void> => {
  const file = await deps.files.addFullBlock(fileId, number, counts);
  if (file.status === 'generating') await sendBlocks(file, deps);
  // Last: should this worker die before, the block comes back when it is due.
  await deps.files.changeBlock(fileId, number, { dueAt: null, dueTries: 0 }, {});
};
