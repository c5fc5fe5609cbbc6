import { addCounts, type FileCounts } from './counts.ts';
import { addErrors, errorsBy, type LineErrors } from './line-errors.ts';
import type { FileStore } from './ports.ts';
import type { Block, PaceMark, PromptFile } from './prompt-file.ts';

type Progress = { counts: FileCounts; errors: LineErrors[] };

/**
 * The counts and errors of a file's lines so far: its own sums, which are those of full blocks, and those of blocks in progress.
 * Lines that never began because the file was stopped are in `errors` with their numbers, but not counted there.
 */
export const progressOf = async (file: PromptFile, files: Pick<FileStore, 'getBlock'>): Promise<Progress> => {
  const full = new Set(file.fullBlocks);
  // The file item is read before its blocks: one that fills in between is counted from its own item, and only once.
  const underWay = Array.from({ length: file.sentBlocks }, (_, number) => number).filter(
    (number) => !full.has(number),
  );
  const found = await Promise.all(underWay.map((number) => files.getBlock(file.id, number)));
  const blocks = found.filter((block) => block !== undefined);
  return {
    counts: blocks.reduce((sum, { counts }) => addCounts(sum, counts), file.counts),
    errors: addErrors([...file.errors, ...blocks.flatMap((block) => errorsOfBlock(block, file))]),
  };
};

/** The errors of a block's lines that were accepted: those that failed, and those that a stop left out, uncounted. */
export const errorsOfBlock = (
  { failed, skipped }: Pick<Block, 'failed' | 'skipped'>,
  { stopped }: Pick<PromptFile, 'stopped'>,
): LineErrors[] => [
  ...errorsBy(failed),
  ...(stopped && skipped.length > 0
    ? errorsBy({ [stopped.code]: skipped }).map((own) => ({ ...own, count: 0 }))
    : []),
];

/** All lines that are done: answered, failed or left out. */
export const doneOf = ({ completed, failed, skipped }: FileCounts): number => completed + failed + skipped;

/** A mark is made no more often than this. */
const SPACING_MS = 20_000;
/** The pace is told of the last minute at least. */
const WINDOW_MS = 60_000;
/** One in so many lines looks whether a mark is due, so that few of those under way find it due together. */
const LOOKERS = 10;

/** Whether the job of this line is to mark how many lines of its file are done. */
export const isMarkDue = ({ pace, generatingAt }: PromptFile, line: number, now: number): boolean =>
  isLooker(line) && now - (pace.at(-1)?.at ?? Date.parse(generatingAt ?? '')) >= SPACING_MS;

// A hash of the number (Knuth's): every tenth line itself might be a row that never begins, as rows of two lines.
const isLooker = (line: number): boolean => (Math.imul(line, 2_654_435_761) >>> 16) % LOOKERS === 0;

/** Marks how many lines are done at `now`, and drops marks that no pace needs any more. */
export const markPace = async (
  file: PromptFile,
  now: number,
  files: Pick<FileStore, 'getBlock' | 'change'>,
): Promise<void> => {
  const { counts } = await progressOf(file, files);
  const pace = [...file.pace, { at: now, done: doneOf(counts) }];
  await files.change(file.id, { pace: neededFrom(pace, now) }, { status: ['generating'] });
};

/** The marks from the last one that is a minute old; all if none is. */
const neededFrom = (pace: readonly PaceMark[], now: number): PaceMark[] => {
  const first = pace.findLastIndex(({ at }) => at <= now - WINDOW_MS);
  return pace.slice(Math.max(0, first));
};

/** Lines of a file that were done per second, since its last mark that is a minute old or else since it began. */
export const rowsPerSecond = (
  { pace, generatingAt }: Pick<PromptFile, 'pace' | 'generatingAt'>,
  done: number,
  now: number,
): number | null => {
  if (generatingAt === null) return null;
  const [from] = neededFrom([{ at: Date.parse(generatingAt), done: 0 }, ...pace], now);
  const seconds = (now - (from?.at ?? now)) / 1_000;
  return seconds > 0 ? Math.max(0, done - (from?.done ?? 0)) / seconds : null;
};
