import { inBatches } from '../async/in-batches.ts';
import { NotFoundError } from '../errors.ts';
import type { FileStore } from '../files/ports.ts';
import type { PromptFile } from '../files/prompt-file.ts';
import { errorFields } from '../observe/error-fields.ts';
import type { Log } from '../observe/log.ts';
import type { ContentStore, RunStore } from '../runs/ports.ts';
import type { Run } from '../runs/run.ts';
import type { VectorIndex } from '../vectors/ports.ts';
import { embeddingDiversities, readTexts, readVectors } from './compared-outputs.ts';
import type { ComparisonView } from './comparison-view.ts';
import { type MeasuredBlock, measuredBlock } from './measured-block.ts';
import type { Outputs } from './outputs.ts';
import { isComparisonId, type Plan, readPlan } from './plan.ts';
import { viewComparison } from './view-comparison.ts';

export type ReadComparisonDeps = {
  files: Pick<FileStore, 'get'>;
  runs: Pick<RunStore, 'get'>;
  content: ContentStore;
  vectors: Pick<VectorIndex, 'fetch'>;
  namespace: (caller: string) => string;
  log: Log;
};

const RUNS_AT_ONCE = 25;
/** Characters of output that one answer reads; beyond, figures of the texts are left out. */
const MAX_CHARS = 4_000_000;
/** A stored log probability takes that much of an output's room. */
const LOGPROBS_FACTOR = 50;

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

/** A block that tells how each setting was sampled. */
const oneWhole = (blocks: MeasuredBlock[]): MeasuredBlock[] => {
  const whole = blocks.find(({ cells }) => cells.every((figures) => figures !== undefined));
  return whole ? [whole] : blocks.slice(0, 1);
};

/** `isWhole`: nothing that is missing now can still come. */
const readOutputs = async (
  { caller }: PromptFile,
  plan: Plan,
  blocks: MeasuredBlock[],
  deps: ReadComparisonDeps,
): Promise<{ outputs: Outputs; isWhole: boolean }> => {
  const chars = blocks.reduce(
    (sum, { cells }) => sum + cells.reduce((own, figures) => own + (figures?.chars ?? 0), 0),
    0,
  );
  const hasLogprobs = plan.settings.some(({ requested }) => requested.logprobs === true);
  const isTooLong = chars * (hasLogprobs ? LOGPROBS_FACTOR : 1) > MAX_CHARS;
  const isRepeated = plan.samples > 1;
  const looked = isTooLong || !isRepeated ? oneWhole(blocks) : blocks;
  const { texts, sampling } = await readTexts(plan, looked, deps);
  const base = {
    sampling,
    texts: isRepeated && !isTooLong ? texts : null,
    isTooLong: isRepeated && isTooLong,
  };
  if (!isRepeated || !plan.index) {
    return { outputs: { ...base, diversities: [], missingVectors: 0 }, isWhole: true };
  }
  try {
    const { vectors, missing } = await readVectors(plan, blocks, {
      vectors: deps.vectors,
      namespace: deps.namespace(caller),
    });
    return {
      outputs: { ...base, diversities: embeddingDiversities(vectors), missingVectors: missing },
      isWhole: missing === 0,
    };
  } catch (error) {
    deps.log.warn('comparison.without_vectors', { comparison_id: plan.id, ...errorFields(error) });
    return { outputs: { ...base, diversities: [], missingVectors: null }, isWhole: false };
  }
};
