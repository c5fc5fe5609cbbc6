import type { ContentStore } from '../../runs/ports.ts';
import { blockKey, type FileLineEntry } from '../prompt-file.ts';

/** A block's lines, in their order. */
export const readBlock = async (
  fileId: string,
  number: number,
  { content }: { content: Pick<ContentStore, 'get'> },
): Promise<FileLineEntry[]> =>
  (await content.get(blockKey(fileId, number)))
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => JSON.parse(row));
