import type { FileStore } from '../files/ports.ts';
import type { ComparisonSummary, PromptFile } from '../files/prompt-file.ts';
import type { MeasuredBlock } from './measured-block.ts';
import { type ComparisonStatus, isFinalStatus } from './view.ts';

type Counted = { completed: number; failed: number };

/** The status of a comparison, by its file and its blocks; the counts are of generations. */
export const statusOf = (
  {
    file,
    blocks,
  }: {
    file: Pick<PromptFile, 'status'>;
    blocks: readonly Pick<MeasuredBlock, 'isAnswered' | 'hasEnded'>[];
  },
  { completed, failed }: Counted,
): ComparisonStatus => {
  if (file.status === 'failed') return 'failed';
  if (!blocks.every(({ isAnswered }) => isAnswered)) return 'generating';
  if (completed === 0) return 'failed';
  if (file.status === 'generating' || !blocks.every(({ hasEnded }) => hasEnded)) return 'generated';
  return failed > 0 ? 'completed_with_errors' : 'completed';
};

/** Counts the generations of blocks by their outcome; those of deleted runs are neither. */
export const countGenerations = (blocks: readonly Pick<MeasuredBlock, 'cells' | 'failed'>[]): Counted => ({
  completed: blocks.reduce((sum, { cells }) => sum + cells.filter((cell) => cell !== undefined).length, 0),
  failed: blocks.reduce((sum, { failed }) => sum + failed.filter(Boolean).length, 0),
});

/**
 * Records the last status of a comparison in its file, so that lists need not look at its runs again. Does nothing for
 * any other status, and for a file that was deleted meanwhile.
 */
export const recordStatus = async (
  file: Pick<PromptFile, 'id' | 'status'>,
  summary: ComparisonSummary,
  status: ComparisonStatus,
  { files }: { files: Pick<FileStore, 'change'> },
): Promise<void> => {
  if (!isFinalStatus(status)) return;
  await files.change(file.id, { comparison: { ...summary, status } }, { status: [file.status] });
};
