import type { FileQueue } from '../runs/ports.ts';
import type { Block, FileStore } from './prompt-file.ts';

/** Notes a full block in its FILE, and asks for the results when it was the last. Repeating it is harmless. */
export const completeBlock = async (
  { fileId, number }: Block,
  { files, fileQueue }: { files: FileStore; fileQueue: FileQueue },
): Promise<void> => {
  const file = await files.addFullBlock(fileId, number);
  if (file.status === 'generating' && file.fullBlocks.length === file.blocks) {
    await fileQueue.send({ type: 'file', file_id: fileId });
  }
  await files.changeBlock(fileId, number, { dueAt: null, dueTries: 0 }, {});
};
