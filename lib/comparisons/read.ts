import { inBatches } from '../async/in-batches.ts';
import { NotFoundError } from '../errors.ts';
import type { FileStore } from '../files/ports.ts';
import type { RunStore } from '../runs/ports.ts';
import type { Run } from '../runs/run.ts';
import { viewComparison } from './make-view.ts';
import { measuredBlock } from './measured-block.ts';
import { type ReadOutputsDeps, readOutputs } from './outputs.ts';
import { isComparisonId, readPlan } from './plan.ts';
import type { ComparisonView } from './view.ts';

export type ReadComparisonDeps = ReadOutputsDeps & {
  files: Pick<FileStore, 'get'>;
  runs: Pick<RunStore, 'get'>;
};

const RUNS_AT_ONCE = 25;

export const answerKey = (id: string): string => `files/${id}/comparison.json`;

/**
 * A caller's comparison as it stands. Once it has ended, diversity is computed too and the answer is kept: later
 * reads give the same. Rejects with `NotFoundError` for what is not there or another's.
 */
export const readComparison = async (
  id: string,
  caller: string,
  deps: ReadComparisonDeps,
): Promise<ComparisonView> => {
  const file = isComparisonId(id) ? await deps.files.get(id) : undefined;
  if (file?.caller !== caller) throw new NotFoundError(`there is no comparison ${id.slice(0, 60)}`);
  const isOver = file.status !== 'reading' && file.status !== 'generating';
  const kept = isOver ? await keptAnswer(id, deps) : undefined;
  if (kept) return kept;

  const plan = await readPlan(file, deps.content);
  // Before its lines are sent there is no run to look for.
  const runOf = async (runId: string) => (file.status === 'reading' ? undefined : deps.runs.get(runId));
  const warmUps = await inBatches(plan.warm_ups, RUNS_AT_ONCE, runOf);
  const runs = await inBatches(plan.blocks, RUNS_AT_ONCE, ({ run_id }) => runOf(run_id));
  const blocks = plan.blocks.map((block, at) => measuredBlock(block, runs[at], plan, isOver));
  const hasEnded = isOver && blocks.every((block) => block.hasEnded);
  const { outputs, isWhole } = hasEnded
    ? await readOutputs(file, plan, blocks, deps)
    : { outputs: null, isWhole: false };
  const view = viewComparison({ file, plan, blocks, warmUps: present(warmUps), outputs });
  if (isWhole) await deps.content.put(answerKey(id), JSON.stringify(view), 'application/json');
  return view;
};

const present = (runs: (Run | undefined)[]): Run[] => runs.filter((run) => run !== undefined);

const keptAnswer = async (
  id: string,
  { content }: ReadComparisonDeps,
): Promise<ComparisonView | undefined> => {
  try {
    return JSON.parse(await content.get(answerKey(id)));
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
};
