import type { Clock } from '../../async/clock.ts';
import type { BulkJobQueue, ContentStore, FileQueue } from '../../runs/ports.ts';
import { answeredBlocks } from '../batch/parts.ts';
import { FILE_DUE, FILE_LIMITS, type FileLimits } from '../limits.ts';
import type { FileStore } from '../ports.ts';
import { awaitedBlocks, type Block, isReady, type PromptFile } from '../prompt-file.ts';
import { sendLines } from './send-lines.ts';

export type SendBlocksDeps = {
  files: FileStore;
  content: ContentStore;
  jobs: BulkJobQueue;
  fileQueue: FileQueue;
  clock: Clock;
  limits?: FileLimits;
};

/**
 * Sends blocks until as many as may be are under way, in order, each by one worker: FILE's `sentBlocks` moves on
 * first, then BLOCK gets its due time, then its jobs go out. Asks for the results once there is nothing to wait for.
 * May be repeated at any time.
 */
export const sendBlocks = async (file: PromptFile, deps: SendBlocksDeps): Promise<void> => {
  const { files, clock, limits = FILE_LIMITS } = deps;
  let current: PromptFile | undefined = file;
  while (current && hasRoom(current, limits)) {
    const number: number = current.sentBlocks;
    const moved = await files.change(
      file.id,
      { sentBlocks: number + 1, dueAt: clock.now() + FILE_DUE.underWay, dueTries: 0 },
      { status: ['generating'], sentBlocks: number, stopped: false },
    );
    if (moved) await sendBlock(file.id, number, deps);
    current = await files.get(file.id);
  }
  if (current && isReady(current)) await deps.fileQueue.send({ type: 'file', file_id: file.id });
};

const hasRoom = (file: PromptFile, { window }: FileLimits): boolean =>
  file.status === 'generating' &&
  file.sentBlocks < Math.min(awaitedBlocks(file), file.batch ? answeredBlocks(file.batch) : file.blocks) &&
  file.sentBlocks - file.fullBlocks.length < window;

/**
 * Sends blocks whose sender died between taking them and giving them a due time: nothing else would move them.
 */
export const sendForgotten = async (file: PromptFile, deps: SendBlocksDeps): Promise<void> => {
  for (let number = 0; number < file.sentBlocks; number += 1) {
    if (file.fullBlocks.includes(number)) continue;
    const block = await deps.files.getBlock(file.id, number);
    if (block?.dueAt === null) await sendBlock(file.id, number, deps);
  }
};

const sendBlock = async (fileId: string, number: number, deps: SendBlocksDeps): Promise<void> => {
  const block = await deps.files.changeBlock(
    fileId,
    number,
    { dueAt: deps.clock.now() + FILE_DUE.underWay, dueTries: 0 },
    {},
  );
  if (!block) throw new Error(`${fileId} block ${number} is not in the table`);
  if (block.done.length < block.lines) await sendLines(block, deps);
  else await noteFull(block, deps);
};

/** Notes a full block in its FILE. */
export const noteFull = async (
  { fileId, number, counts }: Block,
  { files }: Pick<SendBlocksDeps, 'files'>,
): Promise<PromptFile> => {
  const file = await files.addFullBlock(fileId, number, counts);
  await files.changeBlock(fileId, number, { dueAt: null, dueTries: 0 }, {});
  return file;
};
