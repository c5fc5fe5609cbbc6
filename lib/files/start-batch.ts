import type { Clock } from '../async/clock.ts';
import { codeOf } from '../errors.ts';
import type { ContentStore } from '../runs/ports.ts';
import { CONTENT_TYPES } from './formats/format-of-key.ts';
import type { FileStore } from './ports.ts';
import type { PromptFile } from './prompt-file.ts';
import { cancelUpload } from './upload.ts';

export type StartBatchDeps = {
  files: Pick<FileStore, 'change'>;
  content: Pick<ContentStore, 'copy' | 'list'>;
  clock: Pick<Clock, 'now'>;
};

const INPUT_DELETED = {
  code: 'input_file_deleted',
  message: 'the input file was deleted before the batch began; upload it again, and create another batch',
} as const;

/**
 * Starts a batch of OpenAI's API that waits in `awaiting_upload`: copies its input file to its key, where S3's event has
 * it read like any prompt file. Repeating it is harmless: equal content is the same file. A batch whose input file was
 * deleted before it was copied is cancelled as `input_file_deleted`.
 */
export const startBatch = async (
  file: Pick<PromptFile, 'id' | 'key' | 'openaiBatch'>,
  deps: StartBatchDeps,
): Promise<void> => {
  if (!file.openaiBatch) throw new Error(`file ${file.id} is no batch`);
  try {
    await deps.content.copy(file.openaiBatch.inputKey, file.key, CONTENT_TYPES.jsonl);
  } catch (error) {
    if (codeOf(error) !== 'missing_object') throw error;
    const isCopied = (await deps.content.list(file.key)).includes(file.key);
    if (!isCopied) await cancelUpload(file, INPUT_DELETED, deps);
  }
};
