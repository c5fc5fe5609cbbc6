import { backedOff } from '../runs/due.ts';
import type { DueItem } from '../runs/ports.ts';
import { cancelBatches, type MoveBatchDeps, moveBatch } from './batch/move-batch.ts';
import { awaitsBatch } from './batch/parts.ts';
import { FILE_DUE } from './limits.ts';
import { isReady, type PromptFile } from './prompt-file.ts';
import { type ReadFileDeps, readFile } from './read/read-file.ts';
import { type AssembleDeps, assembleFile } from './results/assemble.ts';
import { emitFileCompleted, publishNewest } from './results/end-file.ts';
import { cancelLateUpload } from './upload.ts';
import {
  completeBlock,
  restBlock,
  type SendBlocksDeps,
  sendBlocks,
  sendForgotten,
  sendLines,
} from './work/blocks.ts';

export type MoveFileDeps = SendBlocksDeps;

/** Moves a due FILE (by a message to intake) or BLOCK (by jobs for its missing lines) on. */
export const moveFile = async ({ pk, sk }: DueItem, deps: MoveFileDeps): Promise<void> => {
  const fileId = pk.slice('FILE#'.length);
  if (sk === 'FILE') await moveOnFile(fileId, deps);
  else await moveOnBlock(fileId, Number(sk.slice('BLOCK#'.length)), deps);
};

const moveOnFile = async (id: string, { files, fileQueue, clock }: MoveFileDeps): Promise<void> => {
  const file = await files.get(id);
  if (!file || file.dueAt === null) return;
  // An upload has its time, also when all items are treated as due.
  if (file.status === 'awaiting_upload' && file.dueAt > clock.now()) return;
  // Behind a live lease intake would do nothing: it is asked when that has run out.
  const leasedUntil = file.lease && file.lease.until > clock.now() ? file.lease.until : undefined;
  const isMine = await files.change(
    id,
    leasedUntil === undefined
      ? { dueAt: clock.now() + backedOff(FILE_DUE.underWay, file.dueTries), dueTries: file.dueTries + 1 }
      : { dueAt: leasedUntil + 1 },
    { status: [file.status], dueAt: file.dueAt },
  );
  if (isMine && leasedUntil === undefined) await fileQueue.send({ type: 'file', file_id: id });
};

const moveOnBlock = async (fileId: string, number: number, deps: MoveFileDeps): Promise<void> => {
  const block = await deps.files.getBlock(fileId, number);
  if (!block || block.dueAt === null) return;
  const isMine = await deps.files.changeBlock(
    fileId,
    number,
    { dueAt: deps.clock.now() + backedOff(FILE_DUE.underWay, block.dueTries), dueTries: block.dueTries + 1 },
    { dueAt: block.dueAt },
  );
  if (!isMine) return;
  const file = await deps.files.get(fileId);
  if (file?.status !== 'generating') await restBlock(block, deps);
  else if (block.done.length < block.lines) await sendLines(block, deps);
  else await completeBlock(block, deps);
};

export type IntakeDeps = ReadFileDeps & MoveBatchDeps & AssembleDeps;

/** What intake does with such a message: whatever the file's state asks for. */
export const continueFile = async (fileId: string, deps: IntakeDeps): Promise<void> => {
  const file = await deps.files.get(fileId);
  if (!file) return;
  if (file.status === 'reading') {
    // Whoever made FILE may not have come that far.
    await deps.files.noteNewest(file.key, file.sequencer, file.id);
    await readFile(file, deps);
  } else if (file.status === 'awaiting_upload') {
    await cancelLateUpload(file, deps);
  } else if (file.status === 'generating') {
    await continueGenerating(file, deps);
  } else if (file.pending) {
    await publishNewest(file, deps);
    await emitFileCompleted(file, deps);
  }
};

const continueGenerating = async (file: PromptFile, deps: IntakeDeps): Promise<void> => {
  if (file.stopped && awaitsBatch(file)) await cancelBatches(file, deps);
  if (isReady(file)) {
    await assembleFile(file, deps);
    return;
  }
  await sendForgotten(file, deps);
  if (awaitsBatch(file) && !file.stopped) await moveBatch(file, deps);
  else await sendBlocks(file, deps);
};
