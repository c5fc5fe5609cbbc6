import { NotFoundError } from '../../errors.ts';
import type { ContentStore } from '../../runs/ports.ts';
import type { ReadFrom, SourceHead } from '../formats/source-record.ts';
import type { SeenOccurrences, WriterState } from './block-writer.ts';

/** Where reading a file goes on in another invocation. */
export type ReadingProgress = {
  from: ReadFrom;
  head: SourceHead;
  customIds: string[];
  occurrences: SeenOccurrences;
  writer: WriterState;
};

const progressKey = (fileId: string): string => `files/${fileId}/reading.json`;
const headKey = (fileId: string): string => `files/${fileId}/head.json`;
export const sidecarCopyKey = (fileId: string): string => `files/${fileId}/defaults.json`;

export const saveProgress = (
  fileId: string,
  progress: ReadingProgress,
  content: ContentStore,
): Promise<void> => content.put(progressKey(fileId), JSON.stringify(progress), 'application/json');

export const loadProgress = (fileId: string, content: ContentStore): Promise<ReadingProgress | undefined> =>
  loadJson<ReadingProgress>(progressKey(fileId), content);

export const saveHead = (fileId: string, head: SourceHead, content: ContentStore): Promise<void> =>
  content.put(headKey(fileId), JSON.stringify(head), 'application/json');

/** What the file's beginning told; a file that is no prompt file of its own (a comparison) has none. */
export const loadHead = (fileId: string, content: ContentStore): Promise<SourceHead | undefined> =>
  loadJson<SourceHead>(headKey(fileId), content);

export const loadJson = async <T>(
  key: string,
  content: Pick<ContentStore, 'get'>,
): Promise<T | undefined> => {
  try {
    return JSON.parse(await content.get(key)) as T;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
};
