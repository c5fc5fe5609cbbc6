import type { Clock } from '../async/clock.ts';
import { ConflictError, NotFoundError } from '../errors.ts';
import type { FileQueue } from '../runs/ports.ts';
import type { FileStore } from './ports.ts';
import { isReady, type PromptFile, type StopCode } from './prompt-file.ts';
import { cancelUpload } from './upload.ts';

export type StopFileDeps = { files: FileStore; fileQueue: FileQueue; clock: Clock };

/**
 * Stops a file: lines that have not begun get this code as their error, runs in progress are finished, and the results
 * are assembled. A file that is being read is read to its end first; one that was not uploaded yet is cancelled.
 * Returns the file unchanged when it was stopped before or has ended.
 * @throws {NotFoundError} when there is no such file.
 */
export const stopFile = async (id: string, code: StopCode, deps: StopFileDeps): Promise<PromptFile> => {
  const { files, fileQueue, clock } = deps;
  const unread = await cancelUpload({ id }, { code: 'cancelled', message: 'cancelled by its caller' }, deps);
  if (unread) return unread;
  const stopped = await files.change(
    id,
    { stopped: { code, at: new Date(clock.now()).toISOString() } },
    { status: ['reading', 'generating'], stopped: false },
  );
  const file = stopped ?? (await files.get(id));
  if (!file) throw new NotFoundError(`there is no file ${id.slice(0, 60)}`);
  // No line in progress is left to trigger the results, so this call does. A repeated call triggers them again.
  if (file.stopped && isReady(file)) await fileQueue.send({ type: 'file', file_id: id });
  return file;
};

/**
 * Messages intake to write the results so far to `results/{key}.{id}.partial.jsonl`.
 * @throws {ConflictError} when the file is not `generating`: it has no results yet, or all of them.
 */
export const requestPartial = async (
  { id, status }: PromptFile,
  { fileQueue }: Pick<StopFileDeps, 'fileQueue'>,
): Promise<void> => {
  if (status !== 'generating')
    throw new ConflictError(
      `file ${id} is ${status}; a file has partial results only while it is generating`,
    );
  await fileQueue.send({ type: 'partial', file_id: id });
};
