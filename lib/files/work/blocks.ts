import type { Clock } from '../../async/clock.ts';
import { codeOf } from '../../errors.ts';
import { MAX_ATTEMPTS } from '../../runs/due.ts';
import type { BulkJobQueue, ContentStore, FileQueue, Job } from '../../runs/ports.ts';
import { answeredBlocks } from '../batch/parts.ts';
import { FILE_DUE, FILE_LIMITS, type FileLimits } from '../limits.ts';
import { addErrors } from '../line-errors.ts';
import type { FileStore } from '../ports.ts';
import { errorsOfBlock } from '../progress.ts';
import {
  awaitedBlocks,
  type Block,
  blockKey,
  type FileLineEntry,
  inFlight,
  isReady,
  type PromptFile,
} from '../prompt-file.ts';
import { chunkOf } from './window.ts';

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
  /** How many lines of the file may be in flight now; few unless a line has just told. */
  window?: () => number;
  /** The id of a file of which `areAllSent` holds: it is not read again to see whether blocks are left. */
  sentFile?: string;
};

/**
 * Opens blocks, in order, until the file has enough lines in flight. A worker claims a block by advancing `sentBlocks`,
 * sets the block's due time, then sends its first lines; the others follow as lines end. Messages intake to assemble the
 * results once every awaited block is full. Safe to repeat at any time.
 */
export const sendBlocks = async (file: PromptFile, deps: SendBlocksDeps): Promise<void> => {
  const { files, clock } = deps;
  let current: PromptFile | undefined = file;
  while (current && (await hasRoom(current, deps))) {
    const number: number = current.sentBlocks;
    const moved = await files.change(
      file.id,
      { sentBlocks: number + 1, dueAt: clock.now() + FILE_DUE.underWay, dueTries: 0 },
      { status: ['generating'], sentBlocks: number, stopped: false },
    );
    if (moved) await openBlock(file.id, number, deps);
    current = await files.get(file.id);
  }
  if (current && isReady(current)) await deps.fileQueue.send({ type: 'file', file_id: file.id });
};

/** Whether the next block may be opened: all lines of the open ones were sent, and half of the window is free. */
const hasRoom = async (file: PromptFile, deps: SendBlocksDeps): Promise<boolean> => {
  if (!hasUnsentBlock(file)) return false;
  const open = openBlocks(file);
  if (open.length >= (deps.limits ?? FILE_LIMITS).openBlocks) return false;
  const blocks = await Promise.all(open.map((number) => deps.files.getBlock(file.id, number)));
  const known = blocks.filter((block) => block !== undefined);
  const flying = known.reduce((sum, block) => sum + inFlight(block), 0);
  return known.every(({ sent, lines }) => sent >= lines) && flying <= windowOf(deps) / 2;
};

const hasUnsentBlock = (file: PromptFile): boolean =>
  file.status === 'generating' &&
  file.sentBlocks < Math.min(awaitedBlocks(file), file.batch ? answeredBlocks(file.batch) : file.blocks);

/** Whether no block of a file is left to be sent, now and from now on: blocks of a batch are sent as answers come. */
export const areAllSent = ({ status, batch, sentBlocks, blocks }: PromptFile): boolean =>
  status === 'generating' && batch === null && sentBlocks >= blocks;

const openBlocks = ({ sentBlocks, fullBlocks }: PromptFile): number[] => {
  const full = new Set(fullBlocks);
  return Array.from({ length: sentBlocks }, (_, number) => number).filter((number) => !full.has(number));
};

const windowOf = ({ window, limits = FILE_LIMITS }: SendBlocksDeps): number =>
  window?.() ?? limits.firstWindow;

/** Opens blocks whose opener crashed before it set their due time. The sweep does not see a block without one. */
export const sendUnscheduled = async (file: PromptFile, deps: SendBlocksDeps): Promise<void> => {
  for (const number of openBlocks(file)) {
    const block = await deps.files.getBlock(file.id, number);
    if (block?.dueAt === null) await openBlock(file.id, number, deps);
  }
};

const openBlock = async (fileId: string, number: number, deps: SendBlocksDeps): Promise<void> => {
  const { files, clock } = deps;
  const due = { dueAt: clock.now() + FILE_DUE.underWay, dueTries: 0 };
  const block = await files.changeBlock(fileId, number, due, {});
  if (!block) throw new Error(`block ${number} of file ${fileId} is not in the table`);
  if (block.done.length < block.lines) {
    await resendLines(block, deps);
    return;
  }
  await noteFullBlock(block, deps);
  await clearBlockDue(block, deps);
};

/** Sends again the lines of a block that were sent and are not done, then the next ones. */
export const resendLines = async (block: Block, deps: SendBlocksDeps): Promise<void> => {
  if (inFlight(block) > 0) {
    const done = new Set(block.done);
    const jobs = await jobsOf(block, deps);
    const missing = jobs
      .slice(0, sentJobs(block, jobs))
      .filter(({ line }) => !done.has(line))
      .map((job): LineJob => ({ ...job, again: true }));
    await deps.jobs.sendAll(missing);
  }
  await sendLines(block, deps);
};

/**
 * Sends the next lines of a block, as many as the window has room for. A worker claims lines by advancing `sent`; if it
 * crashes before it has sent them, the sweep does when the block is due.
 */
const sendLines = async (block: Block, deps: SendBlocksDeps): Promise<void> => {
  const window = windowOf(deps);
  const left = block.lines - block.sent;
  const room = Math.min(left, window - inFlight(block));
  if (room < Math.max(1, Math.min(left, chunkOf(window)))) return;
  const claimed = await deps.files.changeBlock(
    block.fileId,
    block.number,
    { sent: block.sent + room, dueAt: deps.clock.now() + FILE_DUE.underWay, dueTries: 0 },
    { sent: block.sent },
  );
  // Another worker was faster, and sends lines itself.
  if (!claimed) return;
  const jobs = await jobsOf(block, deps);
  const first = sentJobs(block, jobs);
  const before = inFlight(block);
  const next = jobs.slice(first, first + room).map((job, at) => ({ ...job, in_flight: before + at + 1 }));
  // The delay is one before the block, not before every few of its lines.
  const { delaySeconds } = block;
  await deps.jobs.sendAll(next, first === 0 && delaySeconds > 0 ? { delaySeconds } : {});
};

/** Sends what may follow a line that has ended: more lines of its block, or of the next block if all of its own are sent. */
export const sendNext = async (
  block: Block,
  file: () => Promise<PromptFile | undefined>,
  deps: SendBlocksDeps,
): Promise<void> => {
  if (block.sent < block.lines) return sendLines(block, deps);
  if (deps.sentFile === block.fileId || inFlight(block) > windowOf(deps) / 2) return;
  const current = await file();
  if (current && hasUnsentBlock(current)) await sendBlocks(current, deps);
};

/** The jobs of a block's lines but for the refused ones, in order. */
const jobsOf = async (
  { fileId, number }: Block,
  { content }: Pick<SendBlocksDeps, 'content'>,
): Promise<LineJob[]> => {
  const jobs: LineJob[] = [];
  let start = 0;
  for (const row of rowsOf(await content.get(blockKey(fileId, number)))) {
    const end = start + Buffer.byteLength(row);
    // A row begins with its line number, and a refused one's body is null, so there is no need to parse it.
    const [, line, refused] = /^\{"line":(\d+),"occurrence":\d+,("body":null)?/.exec(row) ?? [];
    if (refused === undefined)
      jobs.push({ type: 'line', file_id: fileId, block: number, line: Number(line), start, end });
    start = end + 1;
  }
  return jobs;
};

/** How many of a block's jobs were sent. `sent` also counts the refused lines, which have none. */
const sentJobs = ({ sent, lines }: Block, jobs: LineJob[]): number => sent - (lines - jobs.length);

const rowsOf = (text: string): string[] => text.split('\n').filter((row) => row !== '');

/** Records a full block in its file, then sends the next blocks or requests the results. Safe to repeat. */
export const completeBlock = async (block: Block, deps: SendBlocksDeps): Promise<void> => {
  const file = await noteFullBlock(block, deps);
  if (file.status === 'generating') await sendBlocks(file, deps);
  // This comes last: if the worker crashes before, the sweep finds the block when it is due.
  await clearBlockDue(block, deps);
};

/** Blocks of one file that may be noted at the same moment are few: those that are open. */
const MAX_TURNS = 20;

/** Records a full block with its counts and, if lines of it have no text, their errors in its file, once. */
const noteFullBlock = async (block: Block, { files }: Pick<SendBlocksDeps, 'files'>): Promise<PromptFile> => {
  const { fileId, number, counts } = block;
  if (counts.failed + block.skipped.length === 0) return files.addFullBlock(fileId, number, counts);
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    const known = await files.get(fileId);
    if (!known) throw new Error(`file ${fileId} is not in the table`);
    if (known.fullBlocks.includes(number)) return known;
    const after = addErrors([...known.errors, ...errorsOfBlock(block, known)]);
    const noted = await files.addFullBlock(fileId, number, counts, { before: known.errors, after });
    if (noted.fullBlocks.includes(number)) return noted;
  }
  throw new Error(`the errors of file ${fileId} were changed ${MAX_TURNS} times meanwhile`);
};

/** Has intake end a file whose lines, or what they share, are no longer in the store; rethrows any other error. */
export const giveUpLost = async (
  fileId: string,
  error: unknown,
  { files, fileQueue }: Pick<SendBlocksDeps, 'files' | 'fileQueue'>,
): Promise<void> => {
  if (codeOf(error) !== 'missing_object') throw error;
  await files.change(fileId, { attempts: MAX_ATTEMPTS }, { status: ['generating'] });
  await fileQueue.send({ type: 'file', file_id: fileId });
};

/** Clears the due time of a block that needs no more work, so that the sweep skips it. */
export const clearBlockDue = async (
  { fileId, number }: Pick<Block, 'fileId' | 'number'>,
  { files }: Pick<SendBlocksDeps, 'files'>,
): Promise<void> => {
  await files.changeBlock(fileId, number, { dueAt: null, dueTries: 0 }, {});
};
