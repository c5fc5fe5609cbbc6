import type { FileStore } from '../files/ports.ts';
import type { ComparisonSummary, PromptFile } from '../files/prompt-file.ts';
import { type ComparisonStatus, isFinalStatus } from './view.ts';

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
