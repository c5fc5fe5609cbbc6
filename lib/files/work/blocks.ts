import type { Clock } from '../../async/clock.ts';
import type { BulkJobQueue, ContentStore, FileQueue, Job } from '../../runs/ports.ts';
import { answeredBlocks } from '../batch/parts.ts';
import { FILE_DUE, FILE_LIMITS, type FileLimits } from '../limits.ts';
import type { FileStore } from '../ports.ts';
import {
  awaitedBlocks,
  type Block,
  blockKey,
  type FileLineEntry,
  isReady,
  type PromptFile,
} from '../prompt-file.ts';

/** Reads a block's lines, in order. */
export const readBlock = async (
  fileId: string,
  number: number,
  { content }: { content: Pick<ContentStore, 'get'> },
): Promise<FileLineEntry[]> =>
  rowsOf(await content.get(blockKey(fileId, number))).map((row) => JSON.parse(row));

/** A job points at its line; the line itself stays in S3. */
export type LineJob = Extract<Job, { type: 'line' }>;

/** Reads the line of a job. */
export const readLine = async (
  { file_id, block, start, end }: LineJob,
  { content }: { content: Pick<ContentStore, 'get'> },
): Promise<FileLineEntry> => JSON.parse(await content.get(blockKey(file_id, block), { start, end }));

export type SendBlocksDeps = {
  files: FileStore;
  content: ContentStore;
  jobs: BulkJobQueue;
  fileQueue: FileQueue;
  clock: Clock;
  limits?: FileLimits;
};

/**
 * Sends blocks, in order, until the file's window is full. A worker claims a block by advancing `sentBlocks`, sets the
 * block's due time, then sends the jobs. Messages intake to assemble the results once every awaited block is full.
 * Safe to repeat at any time.
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

/** Sends blocks whose sender crashed before it set their due time. The sweep does not see a block without one. */
export const sendUnscheduled = async (file: PromptFile, deps: SendBlocksDeps): Promise<void> => {
  for (let number = 0; number < file.sentBlocks; number += 1) {
    if (file.fullBlocks.includes(number)) continue;
    const block = await deps.files.getBlock(file.id, number);
    if (block?.dueAt === null) await sendBlock(file.id, number, deps);
  }
};

const sendBlock = async (fileId: string, number: number, deps: SendBlocksDeps): Promise<void> => {
  const { files, clock } = deps;
  const due = { dueAt: clock.now() + FILE_DUE.underWay, dueTries: 0 };
  const block = await files.changeBlock(fileId, number, due, {});
  if (!block) throw new Error(`block ${number} of file ${fileId} is not in the table`);
  if (block.done.length < block.lines) {
    await sendLines(block, deps);
    return;
  }
  await files.addFullBlock(fileId, number, block.counts);
  await clearBlockDue(block, deps);
};

/** Sends a job for each line of the block that is not done; `again` when they were sent before. */
export const sendLines = async (
  block: Block,
  { content, jobs }: Pick<SendBlocksDeps, 'content' | 'jobs'>,
  { again = false }: { again?: boolean } = {},
): Promise<void> => {
  const done = new Set(block.done);
  const missing = jobsOf(block, await content.get(blockKey(block.fileId, block.number)))
    .filter(({ line }) => !done.has(line))
    .map((job): LineJob => (again ? { ...job, again } : job));
  await jobs.sendAll(missing, block.delaySeconds > 0 ? { delaySeconds: block.delaySeconds } : {});
};

const jobsOf = ({ fileId, number }: Block, text: string): LineJob[] => {
  let start = 0;
  return rowsOf(text).map((row) => {
    const end = start + Buffer.byteLength(row);
    // Each row begins with its line number, so there is no need to parse the row.
    const line = Number(/^\{"line":(\d+)/.exec(row)?.[1]);
    const job: LineJob = { type: 'line', file_id: fileId, block: number, line, start, end };
    start = end + 1;
    return job;
  });
};

const rowsOf = (text: string): string[] => text.split('\n').filter((row) => row !== '');

/** Records a full block in its file, then sends the next blocks or requests the results. Safe to repeat. */
export const completeBlock = async (block: Block, deps: SendBlocksDeps): Promise<void> => {
  const file = await deps.files.addFullBlock(block.fileId, block.number, block.counts);
  if (file.status === 'generating') await sendBlocks(file, deps);
  // This comes last: if the worker crashes before, the sweep finds the block when it is due.
  await clearBlockDue(block, deps);
};

/** Clears the due time of a block that needs no more work, so that the sweep skips it. */
export const clearBlockDue = async (
  { fileId, number }: Pick<Block, 'fileId' | 'number'>,
  { files }: Pick<SendBlocksDeps, 'files'>,
): Promise<void> => {
  await files.changeBlock(fileId, number, { dueAt: null, dueTries: 0 }, {});
};
