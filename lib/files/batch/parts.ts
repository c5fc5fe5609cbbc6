import type { FileLease } from '../lease.ts';
import type { BatchPart, PromptFile } from '../prompt-file.ts';

/** The parts of a file's batches as the file's item has them. A change needs the lease. */
export const makeFileParts = ({ file, change }: FileLease) => {
  let current = file;
  const all = (): BatchPart[] => current.batch ?? [];
  return {
    all,
    isStopped: (): boolean => current.stopped !== null,
    isWaiting: (): boolean => awaitsBatch(current),
    /** If another worker has taken over, it finds a batch that was created here by its metadata. */
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

/** Blocks below this number have their answers and can be sent. */
export const answeredBlocks = (parts: readonly BatchPart[]): number => {
  const open = parts.find(({ isAnswered }) => !isAnswered);
  return open?.first ?? parts.at(-1)?.end ?? 0;
};

/** The first block that no part holds yet. */
export const nextBlock = (parts: readonly BatchPart[]): number => parts.at(-1)?.end ?? 0;

/** Metadata that a part's batch is found by. */
export const partMetadata = (fileId: string, first: number): Record<string, string> => ({
  everytoken_file: fileId,
  everytoken_part: String(first),
});
