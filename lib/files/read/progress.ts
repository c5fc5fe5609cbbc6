import { NotFoundError } from '../../errors.ts';
import type { TallyState } from '../../estimate/tally.ts';
import type { ContentStore } from '../../runs/ports.ts';
import type { ReadFrom, SourceHead } from '../formats/source-record.ts';
import type { SeenChecks } from '../work/line-run.ts';
import type { SeenOccurrences, WriterState } from './block-writer.ts';

/** The checkpoint from which another invocation resumes reading a file. */
export type ReadingProgress = {
  from: ReadFrom;
  head: SourceHead;
  customIds: string[];
  occurrences: SeenOccurrences;
  checks: SeenChecks;
  writer: WriterState;
  /** Checkpoints of earlier versions have none. */
  estimate?: TallyState;
  /** Of a batch for embeddings: the inputs of its lines so far. */
  inputs?: number;
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

/** Loads what was read from the file's beginning; undefined for a comparison, which has no source file. */
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
