import type { Clock } from '../async/clock.ts';
import { ConflictError, NotFoundError } from '../errors.ts';
import type { FileQueue } from '../runs/ports.ts';
import type { FileStore } from './ports.ts';
import { isReady, type PromptFile, type StopCode } from './prompt-file.ts';
import { cancelUpload } from './upload.ts';

export type StopFileDeps = { files: FileStore; fileQueue: FileQueue; clock: Clock };

/**
 * Stops a file in an orderly way: lines that have not begun get this code as their error, what runs is finished, and
 * the results are assembled as ever. A file that is still being read is read to its end first; one that was not
 * uploaded yet is `cancelled`. Harmless when it was stopped or has ended: the file as it is.
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
  // No line that is under way is there to end the file: whoever asks again asks for its results again.
  if (file.stopped && isReady(file)) await fileQueue.send({ type: 'file', file_id: id });
  return file;
};

/**
 * Has intake write what has ended so far, as `results/{key}.{id}.partial.jsonl`. Throws `ConflictError` for a file that
 * is not being generated: there is nothing yet, or all.
 */
export const requestPartial = async (
  { id, status }: PromptFile,
  { fileQueue }: Pick<StopFileDeps, 'fileQueue'>,
): Promise<void> => {
  if (status !== 'generating')
    throw new ConflictError(`file ${id} is ${status}: only one that is generating has partial results`);
  await fileQueue.send({ type: 'partial', file_id: id });
};
