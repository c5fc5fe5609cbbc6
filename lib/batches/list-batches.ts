import { InvalidInputError, NotFoundError } from '../errors.ts';
import type { FileStore } from '../files/ports.ts';
import type { PromptFile } from '../files/prompt-file.ts';
import { cursorOf } from '../runs/list/cursor.ts';
import { batchesOf } from './list-files.ts';
import { findBatch } from './view-batch.ts';

/**
 * A page of a caller's batches, newest first; `after` is the id of the last one of the page before.
 * @throws {InvalidInputError} when `after` is no batch of the caller's.
 */
export const listBatches = async (
  { limit, after }: { limit: number; after?: string | undefined },
  caller: string,
  deps: { files: Pick<FileStore, 'get' | 'list'> },
): Promise<{ batches: PromptFile[]; hasMore: boolean }> => {
  const from = after === undefined ? {} : { cursor: await cursorAfter(after, caller, deps) };
  const batches: PromptFile[] = [];
  for await (const batch of batchesOf(caller, deps, from)) {
    if (batches.length === limit) return { batches, hasMore: true };
    batches.push(batch);
  }
  return { batches, hasMore: false };
};

const cursorAfter = async (
  id: string,
  caller: string,
  deps: { files: Pick<FileStore, 'get'> },
): Promise<string> => {
  try {
    const { id: fileId, createdAt } = await findBatch(id, caller, deps);
    return cursorOf(`${createdAt}#${fileId}`);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    throw new InvalidInputError([{ path: 'after', message: 'is not the id of a batch of this list' }]);
  }
};
