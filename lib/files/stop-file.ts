import type { Clock } from '../async/clock.ts';
import { ConflictError, NotFoundError } from '../errors.ts';
import { DUE } from '../runs/due.ts';
import type { FileQueue } from '../runs/ports.ts';
import { STOP_GRACE_MS } from './limits.ts';
import type { FileStore } from './ports.ts';
import { isReady, type PromptFile, type StopCode } from './prompt-file.ts';
import { cancelUpload } from './upload.ts';

export type StopFileDeps = { files: FileStore; fileQueue: FileQueue; clock: Clock };

const CANCELLED = { code: 'cancelled', message: 'cancelled by its caller' } as const;

/**
 * Stops a file: nothing more of it begins, and its results are assembled. A file that was not uploaded or is being read
 * is cancelled at once, whoever holds its lease. Of a file that is being generated, lines that have not begun get this
 * code as their error, and lines under way are finished; when its caller cancelled it, they have half a minute for
 * that, also if it had reached its `max_cost_usd` before. Returns the file otherwise unchanged when it was stopped before
 * or has ended.
 * @throws {NotFoundError} when there is no such file.
 */
export const stopFile = async (id: string, code: StopCode, deps: StopFileDeps): Promise<PromptFile> => {
  const { files, fileQueue, clock } = deps;
  const unread = await cancelUpload({ id }, CANCELLED, deps);
  if (unread) return unread;
  const now = clock.now();
  const stop = { code, at: new Date(now).toISOString() };
  const interrupted = await files.change(
    id,
    {
      status: 'cancelled',
      error: CANCELLED,
      stopped: stop,
      endedAt: stop.at,
      lease: null,
      pending: true,
      dueAt: now + DUE.pending,
      dueTries: 0,
    },
    { status: ['reading'] },
  );
  const change = { stopped: stop, ...(code === 'cancelled' && { dueAt: now + STOP_GRACE_MS, dueTries: 0 }) };
  const stopped = interrupted ?? (await files.change(id, change, { status: ['generating'], stopped: false }));
  let file = stopped ?? (await files.get(id));
  if (!file) throw new NotFoundError(`there is no file ${id.slice(0, 60)}`);
  // Lines of a file that reached its cost may wait for days, which its caller does not have to.
  if (code === 'cancelled' && file.stopped?.code === 'max_cost_reached')
    file = (await files.change(id, change, { status: ['generating'] })) ?? file;
  // A repeated call sends these again, should the first have died.
  const isEnding = file.pending || (file.status === 'generating' && file.stopped?.code === 'cancelled');
  if (isEnding || (file.stopped && isReady(file))) await fileQueue.send({ type: 'file', file_id: id });
  if (isEnding && file.status === 'generating')
    await fileQueue.send({ type: 'file', file_id: id }, { delaySeconds: STOP_GRACE_MS / 1_000 });
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
