import type { ContentStore } from '../../runs/ports.ts';
import type { FileLineEntry, PromptFile } from '../prompt-file.ts';

/** A plan's lines as a prompt file takes them: the warm-ups, and the blocks, which wait for them. */
export type PlannedLines = { warm_ups: FileLineEntry[]; blocks: FileLineEntry[] };

export const isComparison = ({ key }: Pick<PromptFile, 'key'>): boolean => key.startsWith('comparisons/');

/** Which of a comparison's objects: those of one FILE. */
export type Stored = Pick<PromptFile, 'id' | 'etag'>;

export const plannedLinesKey = ({ id, etag }: Stored): string => `files/${id}/planned-lines.${etag}.json`;

/** The lines of the prompt file that a comparison is, in groups: each group is sent some time after the one before. */
export const readPlannedLines = async (
  file: Stored,
  content: Pick<ContentStore, 'get'>,
): Promise<FileLineEntry[][]> => {
  const { warm_ups, blocks }: PlannedLines = JSON.parse(await content.get(plannedLinesKey(file)));
  return [warm_ups, blocks];
};
