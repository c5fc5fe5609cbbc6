import type { Clock } from '../async/clock.ts';
import { ConflictError, codeOf, EverytokenError, isRetryable } from '../errors.ts';
import type { Log } from '../observe/log.ts';
import { backedOff, heldBy, makeRenewal } from '../runs/due.ts';
import type { FileQueue, Ids } from '../runs/ports.ts';
import type { FileChange, FileStore } from './ports.ts';
import type { PromptFile } from './prompt-file.ts';

export type FileLeaseDeps = { files: FileStore; clock: Clock; ids: Ids; log: Log };

export type FileLease = {
  file: PromptFile;
  token: string;
  /**
   * Extends the lease when it is due for renewal. Call it between steps of a few seconds at most.
   * @throws {ConflictError} `lease_lost` when this worker no longer holds it.
   */
  renew(): Promise<void>;
  /**
   * Changes the file, on condition that this worker holds the lease.
   * @throws {ConflictError} `lease_lost` when it no longer does.
   */
  change(change: FileChange): Promise<PromptFile>;
  /**
   * Releases the lease at the end of a step that did not fail, so that its attempt does not count; the sweep looks at
   * the file after `inMs`.
   */
  release(inMs: number): Promise<void>;
};

const RETRY_MS = 60_000;

/**
 * Runs the work under the file's lease. Does nothing when another worker holds it or the file has another status.
 * The attempt is counted before the work begins, in case its process dies; a checkpoint or an end of the step that is
 * no error sets the count back. When the work throws, the lease is released for a retry after a backoff, and the error
 * is rethrown. A lost lease (`lease_lost`) is only logged, since another worker continues.
 *
 * @example
 * await withFileLease(file, 'generating', deps, async (lease) => {
 *   for (const step of steps) {
 *     await lease.renew();
 *     await step();
 *   }
 *   await lease.release(60_000);
 * });
 */
export const withFileLease = async (
  file: Pick<PromptFile, 'id' | 'attempts'>,
  status: PromptFile['status'],
  deps: FileLeaseDeps,
  work: (lease: FileLease) => Promise<void>,
): Promise<void> => {
  const lease = await takeLease(file, status, deps);
  if (!lease) return;
  try {
    await work(lease);
  } catch (error) {
    if (codeOf(error) === 'lease_lost') {
      deps.log.warn('file.left', { file_id: file.id, code: 'lease_lost' });
      return;
    }
    const dueAt = deps.clock.now() + backedOff(RETRY_MS, lease.file.dueTries);
    await lease.change({ lease: null, dueAt }).catch(() => undefined);
    throw error;
  }
};

/** Hands the file over to another invocation. If the message is lost, the sweep sends another after `inMs`. */
export const handOver = async (
  { file, release }: FileLease,
  inMs: number,
  { fileQueue, log }: { fileQueue: FileQueue; log: Log },
): Promise<void> => {
  log.info('file.goes_on', { file_id: file.id });
  await release(inMs);
  await fileQueue.send({ type: 'file', file_id: file.id });
};

/** Whether an error is final and becomes the file's result: a retry would not help, and the lease was not lost. */
export const isFinal = (error: unknown): error is EverytokenError =>
  error instanceof EverytokenError && !isRetryable(error) && error.code !== 'lease_lost';

const takeLease = async (
  { id, attempts }: Pick<PromptFile, 'id' | 'attempts'>,
  status: PromptFile['status'],
  { files, clock, ids }: FileLeaseDeps,
): Promise<FileLease | undefined> => {
  const token = ids.leaseToken();
  const file = await files.change(
    id,
    { ...heldBy(token, clock.now()), attempts: attempts + 1 },
    { status: [status], leaseBefore: clock.now(), attempts },
  );
  if (!file) return undefined;
  const change = async (fields: FileChange): Promise<PromptFile> => {
    const changed = await files.change(id, fields, { leaseToken: token });
    if (!changed)
      throw new ConflictError(`this worker no longer holds the lease on file ${id}`, { code: 'lease_lost' });
    return changed;
  };
  return {
    file,
    token,
    change,
    renew: makeRenewal(() => change(heldBy(token, clock.now())), clock),
    release: async (inMs) => {
      await files.change(id, { lease: null, dueAt: clock.now() + inMs, attempts: 0 }, { leaseToken: token });
    },
  };
};
