import type { FileLease } from '../lease.ts';
import type { BatchPart, PromptFile } from '../prompt-file.ts';

/** The batch parts recorded in the file's item. Changing them needs the lease. */
export const makeFileParts = ({ file, change }: FileLease) => {
  let current = file;
  const all = (): BatchPart[] => current.batch ?? [];
  return {
    all,
    isStopped: (): boolean => current.stopped !== null,
    isWaiting: (): boolean => awaitsBatch(current),
    /**
     * Records a part, in place of the one with the same `first`.
     * @throws {ConflictError} `lease_lost` when another worker took over; it finds the batch by its metadata.
     */
    put: async (part: BatchPart): Promise<void> => {
      const batch = [...all().filter(({ first }) => first !== part.first), part].sort(
        (a, b) => a.first - b.first,
      );
      current = await change({ batch, dueTries: 0 });
    },
  };
};

export type FileParts = ReturnType<typeof makeFileParts>;

/** Whether a file still waits for its batches. */
export const awaitsBatch = ({ batch, blocks }: PromptFile): boolean =>
  batch !== null && (nextBlock(batch) < blocks || batch.some(({ isAnswered }) => !isAnswered));

/** The number of blocks, from the first on, whose answers are saved: these can be sent. */
export const answeredBlocks = (parts: readonly BatchPart[]): number => {
  const open = parts.find(({ isAnswered }) => !isAnswered);
  return open?.first ?? parts.at(-1)?.end ?? 0;
};

/** The first block that is in no part yet. */
export const nextBlock = (parts: readonly BatchPart[]): number => parts.at(-1)?.end ?? 0;

/** The metadata by which a part's batch is found at the model server. */
export const partMetadata = (fileId: string, first: number): Record<string, string> => ({
  everytoken_file: fileId,
  everytoken_part: String(first),
});
