import { inBatches } from '../async/in-batches.ts';
import { NotFoundError } from '../errors.ts';
import { refuseDeleted } from '../files/delete-file.ts';
import type { FileStore } from '../files/ports.ts';
import type { PromptFile } from '../files/prompt-file.ts';
import type { RunStore } from '../runs/ports.ts';
import type { Run } from '../runs/run.ts';
import { viewComparison } from './make-view.ts';
import { measuredBlock } from './measured-block.ts';
import { type ReadOutputsDeps, readOutputs } from './outputs.ts';
import { blockRuns, isComparisonId, readPlan, summaryOf } from './plan.ts';
import { recordStatus } from './status.ts';
import { storedView } from './stored-view.ts';
import type { ComparisonView } from './view.ts';

export type ReadComparisonDeps = ReadOutputsDeps & {
  files: Pick<FileStore, 'get' | 'change'>;
  runs: Pick<RunStore, 'get'>;
};

const RUNS_AT_ONCE = 25;

export const answerKey = (id: string): string => `files/${id}/comparison.json`;

/**
 * Finds the file as which a caller's own comparison is processed.
 * @throws {NotFoundError} when the comparison is missing or another caller's, or was deleted (`gone`).
 */
export const findComparison = async (
  id: string,
  caller: string,
  { files }: { files: Pick<FileStore, 'get'> },
): Promise<PromptFile> => {
  const file = isComparisonId(id) ? await files.get(id) : undefined;
  if (file?.caller !== caller) throw new NotFoundError(`there is no comparison ${id.slice(0, 60)}`);
  refuseDeleted(file);
  return file;
};

/**
 * Reads the current state of a caller's comparison. Once it has ended, the view includes diversity and is cached: later
 * reads return the same view.
 * @throws {NotFoundError} as `findComparison` does.
 */
export const readComparison = async (
  id: string,
  caller: string,
  deps: ReadComparisonDeps,
): Promise<ComparisonView> => readView(await findComparison(id, caller, deps), deps);

/** `readComparison` of a file that was found. */
export const readView = async (file: PromptFile, deps: ReadComparisonDeps): Promise<ComparisonView> => {
  const { id } = file;
  const isOver = file.status !== 'reading' && file.status !== 'generating';
  const cached = isOver ? await readCachedView(id, deps) : undefined;
  // Answers that earlier versions stored do not say whether it was stopped.
  if (cached) return { ...cached, stopped: file.stopped };

  const plan = await readPlan(file, deps.content);
  const warmUps = await readRuns(file, plan.warm_ups, deps);
  const runs = await readRuns(file, blockRuns(plan), deps);
  const blocks = plan.blocks.map((block, at) => measuredBlock(block, runs[at], plan, isOver));
  const hasEnded = isOver && blocks.every((block) => block.hasEnded);
  const outputs = hasEnded ? await readOutputs(file, plan, blocks, deps) : null;
  const view = viewComparison({ file, plan, blocks, warmUps: present(warmUps), outputs });
  if (outputs?.isFinal) {
    await deps.content.put(answerKey(id), JSON.stringify(view), 'application/json');
    await recordStatus(file, summaryOf(plan), view.status, deps);
  }
  return view;
};

/** Reads these runs of a comparison. There are none before its lines are sent. */
export const readRuns = async (
  { status }: Pick<PromptFile, 'status'>,
  ids: readonly string[],
  { runs }: Pick<ReadComparisonDeps, 'runs'>,
): Promise<(Run | undefined)[]> =>
  status === 'reading' ? ids.map(() => undefined) : inBatches(ids, RUNS_AT_ONCE, (id) => runs.get(id));

const present = (runs: (Run | undefined)[]): Run[] => runs.filter((run) => run !== undefined);

/** The stored answer of a comparison that has ended; undefined when there is none yet. */
export const readCachedView = async (
  id: string,
  { content }: Pick<ReadComparisonDeps, 'content'>,
): Promise<ComparisonView | undefined> => {
  try {
    return storedView(await content.get(answerKey(id)));
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
};
