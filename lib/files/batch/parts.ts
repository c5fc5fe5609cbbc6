import { ConflictError } from '../../errors.ts';
import type { FileLease } from '../lease.ts';
import type { FileStore, PromptFile } from '../prompt-file.ts';
import { type BatchPart, nextBlock } from './batch-part.ts';

/** Whether a file still waits for its batches. */
export const awaitsBatch = ({ batch, blocks }: PromptFile): boolean =>
  batch !== null && (nextBlock(batch) < blocks || batch.some(({ isAnswered }) => !isAnswered));

/** A file's parts as FILE has them; each change is written there on condition of the lease. */
export const makeFileParts = ({ file, token }: FileLease, { files }: { files: FileStore }) => {
  let current = file;
  const all = (): BatchPart[] => current.batch ?? [];
  return {
    all,
    isStopped: (): boolean => current.stopped !== null,
    isWaiting: (): boolean => awaitsBatch(current),
    put: async (part: BatchPart): Promise<void> => {
      const batch = [...all().filter(({ first }) => first !== part.first), part].sort(
        (a, b) => a.first - b.first,
      );
      const changed = await files.change(file.id, { batch, dueTries: 0 }, { leaseToken: token });
      // Another worker took over: it finds what was created here by its metadata.
      if (!changed) throw new ConflictError(`file ${file.id}: the lease was lost`, { code: 'lease_lost' });
      current = changed;
    },
  };
};

export type FileParts = ReturnType<typeof makeFileParts>;
