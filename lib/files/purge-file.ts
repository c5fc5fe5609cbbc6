import { inBatches } from '../async/in-batches.ts';
import { NOTHING } from '../budget/amount.ts';
import type { Budget } from '../budget/budget.ts';
import type { SpendStore } from '../budget/ports.ts';
import { codeOf } from '../errors.ts';
import { type BuryDeps, buryRun } from '../lifecycle/delete.ts';
import { errorFields } from '../observe/log.ts';
import { TOMBSTONE_MS } from '../runs/due.ts';
import { requestKey } from '../runs/keys.ts';
import type { ContentStore, FileQueue } from '../runs/ports.ts';
import { cancelBatches } from './batch/move-batch.ts';
import { nextBlock, partMetadata } from './batch/parts.ts';
import type { Batches } from './batch/ports.ts';
import { answersPrefix } from './embeddings/answers.ts';
import { isOfEmbeddings } from './embeddings/lines.ts';
import { sidecarKeyOf } from './formats/format-of-key.ts';
import { type FileLease, type FileLeaseDeps, handOver, withFileLease } from './lease.ts';
import { FILE_DUE, LAST_PURGE_MS, RESERVE_MS } from './limits.ts';
import { blocksPrefix, type FileLineEntry, filePrefix, type PromptFile } from './prompt-file.ts';
import { isComparison } from './read/planned-lines.ts';
import { isLongKey, partialKey, resultKey, SUFFIXES } from './results/objects.ts';
import { readBlock } from './work/blocks.ts';
import { lineOf, lineRunId } from './work/line-run.ts';

export type PurgeFileDeps = FileLeaseDeps &
  BuryDeps & {
    content: ContentStore;
    spend: Pick<SpendStore, 'remove'>;
    budget: Pick<Budget, 'settle'>;
    batches: Batches;
    fileQueue: FileQueue;
    bucket: string;
    /** Milliseconds left in this invocation. */
    remainingMs: () => number;
  };

const AT_ONCE = 16;

/** How long the model server is asked to delete a batch's files. It deletes them by itself when they are a week old. */
const BATCHES_MS = 7 * 24 * 60 * 60_000;

/**
 * Removes everything of a deleted file, in two passes. The first one deletes its runs (the sweep removes their outputs
 * and vectors), its results and its prompts. The last one follows when no worker can be left that had begun before the
 * deletion: it does the same for whatever came late, then removes blocks and template, by which the runs are found, and
 * the files of its batches at the model server. A tombstone is left. Safe to repeat after a crash at any point.
 */
export const purgeFile = (file: PromptFile, deps: PurgeFileDeps): Promise<void> =>
  withFileLease(file, 'deleting', deps, async (lease) => {
    const { purge } = lease.file;
    if (!purge) throw new Error(`file ${file.id} is deleted without a purge`);
    if (purge.isLast && deps.clock.now() < purge.since + LAST_PURGE_MS)
      return waitUntil(purge.since + LAST_PURGE_MS, lease);
    // Before the runs: a batch is paid by the line.
    if (lease.file.batch !== null) await cancelBatches(lease.file, deps);
    const blocks = await blockNumbers(lease.file, deps);
    for (const number of blocks.filter((each) => each >= purge.blocks)) {
      await lease.renew();
      await buryRunsOf(lease.file, number, deps);
      if (deps.remainingMs() > RESERVE_MS) continue;
      await lease.change({ purge: { ...purge, blocks: number + 1 }, dueTries: 0 });
      return handOver(lease, FILE_DUE.messageSent, deps);
    }
    await lease.renew();
    await deleteResults(lease.file, deps);
    await deletePrompts(lease.file, deps);
    if (!purge.isLast) {
      const since = purge.since + LAST_PURGE_MS;
      await lease.change({ purge: { ...purge, isLast: true, blocks: 0 }, dueTries: 0 });
      return waitUntil(since, lease);
    }
    if (!(await deleteBatches(lease.file, deps)))
      return waitUntil(deps.clock.now() + FILE_DUE.underWay, lease);
    await deleteRest(lease, blocks, deps);
  });

const waitUntil = async (dueAt: number, { change }: FileLease): Promise<void> => {
  await change({ lease: null, attempts: 0, dueAt, dueTries: 0 });
};

/** Every block of a file. Of one that was deleted while it was read, only the objects tell. */
const blockNumbers = async (
  { id, blocks }: PromptFile,
  { content }: Pick<PurgeFileDeps, 'content'>,
): Promise<number[]> => {
  const prefix = blocksPrefix(id);
  const stored = (await content.list(prefix)).map((key) => Number.parseInt(key.slice(prefix.length), 10));
  const numbers = new Set([...stored, ...Array.from({ length: blocks }, (_, number) => number)]);
  return [...numbers].sort((a, b) => a - b);
};

/** Makes the runs of a block's lines tombstones. They are due at once, for the sweep to purge them. */
const buryRunsOf = async (file: PromptFile, number: number, deps: PurgeFileDeps): Promise<void> => {
  if (isOfEmbeddings(file)) return;
  const entries = await orNone(() => readBlock(file.id, number, deps));
  await inBatches(entries, AT_ONCE, (entry) => buryRunsOfLine(file, entry, deps));
};

const buryRunsOfLine = async (file: PromptFile, entry: FileLineEntry, deps: PurgeFileDeps): Promise<void> => {
  if (entry.error) return;
  const [line] = await orNone(async () => [await lineOf(file.id, entry, deps)]);
  if (!line) return;
  // A line that failed for an earlier file has another run for this one.
  for (let retry = 0; ; retry += 1) {
    const id = lineRunId(deps.bucket, file, line, retry);
    const run = await deps.runs.get(id);
    if (!run) {
      // A worker that crashed before it had made the run may have saved its request.
      if (file.purge?.isLast) await deps.content.delete([requestKey(id)]);
      return;
    }
    if (run.file?.fileId !== file.id) continue;
    const buried = await buryRun(run, { dueAt: deps.clock.now(), dueTries: 0 }, deps);
    if (!buried?.released) continue;
    // Its file's sum is deleted with the file.
    const { file: _, ...onDay } = buried.released;
    await deps.budget.settle(run.caller, onDay, NOTHING);
  }
};

/** Lines that are no longer stored: the purge before this one had removed them, or they are lost. */
const orNone = async <T>(read: () => Promise<T[]>): Promise<T[]> => {
  try {
    return await read();
  } catch (error) {
    if (codeOf(error) === 'missing_object') return [];
    throw error;
  }
};

/** Deletes the file's own results and answers, and the results under its key if they are copies of these. */
const deleteResults = async (file: PromptFile, { files, content }: PurgeFileDeps): Promise<void> => {
  if (isOfEmbeddings(file)) await content.delete(await content.list(answersPrefix(file.id)));
  await content.delete(await content.list(resultKey(file, '.')));
  await content.delete([partialKey(file)]);
  if (isLongKey(file.key) || (await files.published(file.key)) !== file.id) return;
  await content.delete(SUFFIXES.map((suffix) => `results/${file.key}${suffix}`));
};

/** Deletes the prompts in the version that this file was made of, and the defaults beside them. */
const deletePrompts = async (file: PromptFile, { files, content }: PurgeFileDeps): Promise<void> => {
  const { id, key, etag } = file;
  if (isComparison(file)) return;
  // Nothing was uploaded so far, but the URL for it may still be valid.
  if (etag === '') return content.delete([key]);
  const newest = await files.newest(key);
  // A later upload of the same content is another file's.
  if (newest !== undefined && newest !== id) return;
  await content.deleteVersion(key, etag);
  if (file.hasSidecar) await content.delete([sidecarKeyOf(key)]);
};

/** The batches of a file, with one that a worker may have created before it crashed. */
const batchIdsOf = async ({ id, batch, blocks, createdAt }: PromptFile, { batches }: PurgeFileDeps) => {
  const parts = batch ?? [];
  const next = nextBlock(parts);
  const since = Date.parse(createdAt);
  const unrecorded = next < blocks ? await batches.find(partMetadata(id, next), since) : undefined;
  return [...parts.flatMap(({ batchId }) => batchId ?? []), ...(unrecorded ? [unrecorded.id] : [])];
};

/** Deletes the batches' files at the model server; false while a batch is not closed. */
const deleteBatches = async (file: PromptFile, deps: PurgeFileDeps): Promise<boolean> => {
  const { batches, clock, log } = deps;
  if (file.batch === null) return true;
  try {
    let isDone = true;
    for (const id of await batchIdsOf(file, deps)) {
      await batches.cancel(id);
      isDone = (await batches.remove(id)) && isDone;
    }
    if (isDone) return true;
  } catch (error) {
    // A server that no longer has a batch, or has no batches any more, holds nothing of it.
    if (codeOf(error) !== 'no_batches' && clock.now() < (file.purge?.since ?? 0) + BATCHES_MS) throw error;
    if (codeOf(error) !== 'no_batches')
      log.warn('batch.not_deleted', { file_id: file.id, ...errorFields(error) });
    return true;
  }
  return clock.now() >= (file.purge?.since ?? 0) + BATCHES_MS;
};

/** Deletes what the runs are found by, then all other items of the file but its tombstone. */
const deleteRest = async ({ file, token }: FileLease, blocks: number[], deps: PurgeFileDeps) => {
  const { files, content, spend, clock, log } = deps;
  await inBatches(blocks, AT_ONCE, (number) => files.deleteBlock(file.id, number));
  await content.delete(await content.list(filePrefix(file.id)));
  await spend.remove({ fileId: file.id });
  await files.forgetKey(file.key, file.id);
  if (await files.bury(file, token, clock.now() + TOMBSTONE_MS))
    log.info('file.purged', { file_id: file.id });
};
