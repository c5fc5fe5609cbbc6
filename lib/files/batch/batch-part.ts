/**
 * Blocks `first` up to `end` (not included) of a prompt file, whose lines are one batch at the model server. `batchId`
 * is null while it is still to be submitted, or where there was nothing to submit.
 */
export type BatchPart = { first: number; end: number; batchId: string | null; isAnswered: boolean };

/** Blocks below this number have their answers and can be worked off. */
export const answeredBlocks = (parts: readonly BatchPart[]): number => {
  const open = parts.find(({ isAnswered }) => !isAnswered);
  return open?.first ?? parts.at(-1)?.end ?? 0;
};

/** The first block that is in no part yet. */
export const nextBlock = (parts: readonly BatchPart[]): number => parts.at(-1)?.end ?? 0;

/** What a part's batch is found by. */
export const partMetadata = (fileId: string, first: number): Record<string, string> => ({
  everytoken_file: fileId,
  everytoken_part: String(first),
});
