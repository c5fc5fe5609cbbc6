import { backedOff, MAX_ATTEMPTS } from '../runs/due.ts';
import type { DueItem } from '../runs/ports.ts';
import { cancelBatches, type MoveBatchDeps, moveBatch } from './batch/move-batch.ts';
import { awaitsBatch } from './batch/parts.ts';
import { FILE_DUE } from './limits.ts';
import { isReady, type PromptFile } from './prompt-file.ts';
import { type PurgeFileDeps, purgeFile } from './purge-file.ts';
import { type ReadFileDeps, readFile } from './read/read-file.ts';
import { type AssembleDeps, assembleFile } from './results/assemble.ts';
import { emitFileCompleted, endStopped, publishNewest, workOnFile } from './results/end-file.ts';
import { startBatch } from './start-batch.ts';
import { cancelLateUpload } from './upload.ts';
import {
  clearBlockDue,
  completeBlock,
  giveUpLost,
  resendLines,
  type SendBlocksDeps,
  sendBlocks,
  sendUnscheduled,
} from './work/blocks.ts';
import { type StopLinesDeps, stopLines } from './work/stop-lines.ts';

export type MoveFileDeps = SendBlocksDeps;

/** Resumes a due file item (by a message to intake) or block item (by jobs for the lines that are not done). */
export const moveFile = async ({ pk, sk }: DueItem, deps: MoveFileDeps): Promise<void> => {
  const fileId = pk.slice('FILE#'.length);
  if (sk === 'FILE') await moveOnFile(fileId, deps);
  else await moveOnBlock(fileId, Number(sk.slice('BLOCK#'.length)), deps);
};

const moveOnFile = async (id: string, { files, fileQueue, clock }: MoveFileDeps): Promise<void> => {
  const file = await files.get(id);
  if (!file || file.dueAt === null) return;
  // An upload and the last purge keep their time, even when the sweep treats all items as due.
  if ((file.status === 'awaiting_upload' || file.status === 'deleting') && file.dueAt > clock.now()) return;
  // Intake does nothing while a lease is live, so the message waits until the lease has expired.
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
  if (file?.status !== 'generating') await clearBlockDue(block, deps);
  else if (block.done.length === block.lines) await completeBlock(block, deps);
  else await resendLines(block, deps).catch((error) => giveUpLost(fileId, error, deps));
};

export type IntakeDeps = ReadFileDeps & MoveBatchDeps & AssembleDeps & StopLinesDeps & PurgeFileDeps;

/** Handles a message to intake: takes the next step of the file, by its status. */
export const continueFile = async (fileId: string, deps: IntakeDeps): Promise<void> => {
  const file = await deps.files.get(fileId);
  if (!file) return;
  if (file.status === 'reading') {
    // The worker that created the file item may have crashed before this write.
    await deps.files.noteNewest(file.key, file.sequencer, file.id);
    await readFile(file, deps);
  } else if (file.status === 'deleting') {
    await purgeFile(file, deps);
  } else if (file.status === 'awaiting_upload') {
    await (file.openaiBatch ? startBatch(file, deps) : cancelLateUpload(file, deps));
  } else if (file.status === 'generating') {
    await continueGenerating(file, deps);
  } else if (file.pending && file.status === 'cancelled') {
    await endStopped(file, deps);
  } else if (file.pending) {
    await publishNewest(file, deps);
    await emitFileCompleted(file, deps);
  }
};

const continueGenerating = async (given: PromptFile, deps: IntakeDeps): Promise<void> => {
  let file = given;
  if (file.attempts >= MAX_ATTEMPTS) {
    // Ends the file, unless its last attempt is under way.
    await workOnFile(file, 'generating', deps, async () => {});
    const ended = await deps.files.get(file.id);
    // Nobody would read the answers, which are paid by the line.
    if (ended?.status === 'failed' && awaitsBatch(ended)) await cancelBatches(ended, deps);
    return;
  }
  if (file.stopped && awaitsBatch(file)) await cancelBatches(file, deps);
  if (file.stopped?.code === 'cancelled') {
    await stopLines(file, deps).catch((error) => giveUpLost(file.id, error, deps));
    file = (await deps.files.get(file.id)) ?? file;
  }
  if (isReady(file)) {
    await assembleFile(file, deps);
    return;
  }
  await sendUnscheduled(file, deps);
  if (awaitsBatch(file) && !file.stopped) await moveBatch(file, deps);
  else await sendBlocks(file, deps);
};
