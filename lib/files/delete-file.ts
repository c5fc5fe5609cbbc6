import type { Clock } from '../async/clock.ts';
import { NotFoundError } from '../errors.ts';
import { errorFields, type Log } from '../observe/log.ts';
import type { FileQueue } from '../runs/ports.ts';
import { FILE_DUE } from './limits.ts';
import type { FileStore } from './ports.ts';
import { FILE_STATUSES, isFileDeleted, type PromptFile } from './prompt-file.ts';

export type DeleteFileDeps = { files: FileStore; fileQueue: FileQueue; clock: Clock; log: Log };

/**
 * Deletes a file or a comparison with everything of it. From now on nobody can read it, nothing more of it begins, and
 * workers that have a line of it stop; intake removes its data (`purgeFile`). Deleting it again sends intake its message
 * again.
 * @throws {NotFoundError} when there is no such file, or none of it is left (`gone`).
 */
export const deleteFile = async (
  id: string,
  { files, fileQueue, clock, log }: DeleteFileDeps,
): Promise<void> => {
  const now = clock.now();
  const deleting = await files.change(
    id,
    {
      status: 'deleting',
      purge: { since: now, isLast: false, blocks: 0 },
      error: null,
      lease: null,
      attempts: 0,
      pending: false,
      dueAt: now + FILE_DUE.messageSent,
      dueTries: 0,
    },
    { status: [...FILE_STATUSES] },
  );
  const file = deleting ?? (await files.get(id));
  if (!file) throw new NotFoundError(`there is no file ${id.slice(0, 60)}`);
  if (file.status === 'deleted') throw goneFile(id);
  if (deleting) log.info('file.deleted', { file_id: id });
  try {
    await fileQueue.send({ type: 'file', file_id: id });
  } catch (error) {
    // The sweep sends the message again.
    log.warn('purge.delayed', { file_id: id, ...errorFields(error) });
  }
};

const goneFile = (id: string): NotFoundError =>
  new NotFoundError(`${id.startsWith('cmp_') ? 'comparison' : 'file'} ${id} was deleted`, { code: 'gone' });

/** @throws {NotFoundError} `gone` when the file was deleted. */
export const refuseDeleted = (file: Pick<PromptFile, 'id' | 'status'>): void => {
  if (isFileDeleted(file)) throw goneFile(file.id);
};
