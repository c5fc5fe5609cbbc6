import type { ContentStore } from '../../runs/ports.ts';
import type { FileLineEntry, PromptFile } from '../prompt-file.ts';

/** The lines of a comparison's plan, as entries of a prompt file. The blocks are sent some time after the warm-ups. */
export type PlannedLines = { warm_ups: FileLineEntry[]; blocks: FileLineEntry[] };

export const isComparison = ({ key }: Pick<PromptFile, 'key'>): boolean => key.startsWith('comparisons/');

/** Identifies the stored objects of one comparison; its ETag is the hash of the request body. */
export type StoredComparison = Pick<PromptFile, 'id' | 'etag'>;

export const plannedLinesKey = ({ id, etag }: StoredComparison): string =>
  `files/${id}/planned-lines.${etag}.json`;

/** Reads a comparison's lines in groups, the warm-ups first. Each group is sent some time after the one before. */
export const readPlannedLines = async (
  file: StoredComparison,
  content: Pick<ContentStore, 'get'>,
): Promise<FileLineEntry[][]> => {
  const { warm_ups, blocks }: PlannedLines = JSON.parse(await content.get(plannedLinesKey(file)));
  return [warm_ups, blocks];
};
