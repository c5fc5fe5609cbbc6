import { inBatches } from '../../async/in-batches.ts';
import { codeOf } from '../../errors.ts';
import { type CancelDeps, cancelRun, cancelWaiting } from '../../lifecycle/cancel.ts';
import { isAnswered, type Run } from '../../runs/run.ts';
import { isOfEmbeddings } from '../embeddings/lines.ts';
import { STOP_GRACE_MS } from '../limits.ts';
import type { FileLineEntry, PromptFile } from '../prompt-file.ts';
import { readBlock, type SendBlocksDeps } from './blocks.ts';
import { findLineRun, lineOf } from './line-run.ts';
import { markRunDone, skipLine } from './mark-line.ts';

export type StopLinesDeps = SendBlocksDeps & CancelDeps;

const AT_ONCE = 16;

/**
 * Ends the lines of a cancelled file without waiting for their jobs, which may be hours behind others in the queue or
 * wait for the next day's budget: lines without a run are skipped, and runs that wait are cancelled. Once the grace is
 * over, so are those that are under way, or whose worker is dead. Safe to repeat.
 */
export const stopLines = async (file: PromptFile, deps: StopLinesDeps): Promise<void> => {
  const full = new Set(file.fullBlocks);
  const isOver = deps.clock.now() >= Date.parse(file.stopped?.at ?? '') + STOP_GRACE_MS;
  // Nothing tells which of their lines are under way, so all have the grace; a job that comes meanwhile skips its line.
  if (isOfEmbeddings(file) && !isOver) return;
  for (let number = 0; number < file.sentBlocks; number += 1) {
    const block = full.has(number) ? undefined : await deps.files.getBlock(file.id, number);
    if (!block) continue;
    const done = new Set(block.done);
    const open = (await readBlock(file.id, number, deps)).filter(({ line }) => !done.has(line));
    // No further line of the file is sent as these end.
    const unsent = { ...deps, window: () => 0 };
    await inBatches(open, AT_ONCE, (entry) => stopLine(file, number, entry, isOver, unsent));
  }
};

const stopLine = async (
  file: PromptFile,
  block: number,
  entry: FileLineEntry,
  isOver: boolean,
  deps: StopLinesDeps,
): Promise<void> => {
  const place = { fileId: file.id, block, line: entry.line };
  if (isOfEmbeddings(file)) return skipLine(place, deps);
  const { run } = await findLineRun(file, await lineOf(file.id, entry, deps), deps);
  const isOwn = run?.file?.fileId === file.id;
  if (run && isAnswered(run)) await markRunDone(run, place, deps);
  // The unfinished run of an earlier file goes on; this file's line has not begun.
  else if (!run || !isOwn) await skipLine(place, deps);
  else {
    const ended = isOver ? await cancelled(run, deps) : await cancelWaiting(run, deps);
    if (ended) await markRunDone(ended, place, deps);
  }
};

/** The cancelled run, or the run as it ended when that came first. */
const cancelled = async (run: Run, deps: StopLinesDeps): Promise<Run> => {
  try {
    return await cancelRun(run.id, run.caller, deps);
  } catch (error) {
    const ended = codeOf(error) === 'conflict' || codeOf(error) === 'gone';
    if (!ended) throw error;
    return (await deps.runs.get(run.id)) ?? run;
  }
};
