import { codeOf } from '../errors.ts';
import type { FileStore } from '../files/ports.ts';
import type { ComparisonSummary, PromptFile } from '../files/prompt-file.ts';
import type { ContentStore, RunStore } from '../runs/ports.ts';
import { measuredBlock } from './measured-block.ts';
import { blockRuns, readPlan, summaryOf } from './plan.ts';
import { readCachedView, readRuns } from './read.ts';
import { countGenerations, recordStatus, statusOf } from './status.ts';
import type { ComparisonStatus, ComparisonView } from './view.ts';

/** A comparison as a list shows it. */
export type ListedComparison = Pick<
  ComparisonView,
  'id' | 'object' | 'name' | 'status' | 'created_at' | 'prompts' | 'samples' | 'stopped' | 'error'
> & {
  settings: { label: string; model: string }[];
  models: string[];
  progress: Pick<ComparisonView['progress'], 'blocks' | 'done' | 'generations'>;
};

export type EntryDeps = {
  files: Pick<FileStore, 'getBlock' | 'change'>;
  runs: Pick<RunStore, 'get'>;
  content: ContentStore;
};

/** A listed comparison with its file. `runsToRead` is how many runs tell its status; 0 when the file tells it. */
export type Entry = {
  file: PromptFile;
  summary: ComparisonSummary;
  shown: ListedComparison;
  runsToRead: number;
};

/**
 * The entry of a comparison, from its file's item and, while it is in progress, those of its blocks. Of a file that has
 * ended and does not say how, `settled` finds the status. Undefined for a comparison that was deleted meanwhile.
 */
export const entryOf = async (file: PromptFile, deps: EntryDeps): Promise<Entry | undefined> => {
  const summary = await summaryOfFile(file, deps);
  if (!summary) return undefined;
  const { name, prompts, samples, settings } = summary;
  const blocks = prompts * samples;
  const { status, done } = await stateOf(file, summary, deps);
  const shown: ListedComparison = {
    id: file.id,
    object: 'comparison',
    name,
    status: status ?? 'generated',
    created_at: file.createdAt,
    prompts,
    samples,
    settings,
    models: [...new Set(settings.map(({ model }) => model))],
    progress: { blocks, done, generations: blocks * settings.length },
    stopped: file.stopped,
    error: file.error,
  };
  return { file, summary, shown, runsToRead: status === null ? blocks : 0 };
};

const summaryOfFile = async (
  file: PromptFile,
  { content }: Pick<EntryDeps, 'content'>,
): Promise<ComparisonSummary | undefined> => {
  if (file.comparison) return file.comparison;
  try {
    return summaryOf(await readPlan(file, content));
  } catch (error) {
    if (codeOf(error) === 'missing_object') return undefined;
    throw error;
  }
};

/** The status as far as the file tells it, null when only its runs know it, and how many blocks are done. */
const stateOf = async (
  file: PromptFile,
  { prompts, samples, status }: ComparisonSummary,
  deps: EntryDeps,
): Promise<{ status: ComparisonStatus | null; done: number }> => {
  const blocks = prompts * samples;
  if (file.status === 'reading') return { status: 'generating', done: 0 };
  if (file.status === 'generating') {
    const { done, completed } = await countDone(file, deps);
    if (done < blocks) return { status: 'generating', done };
    return { status: completed === 0 ? 'failed' : 'generated', done };
  }
  const isFailed = file.status === 'failed' || file.status === 'cancelled';
  return { status: isFailed ? 'failed' : status, done: blocks };
};

/** Counts the blocks that are answered. Warm-ups are in blocks of the file that begin without a delay. */
const countDone = async (
  { id, blocks }: PromptFile,
  { files }: EntryDeps,
): Promise<{ done: number; completed: number }> => {
  const items = await Promise.all(Array.from({ length: blocks }, (_, number) => files.getBlock(id, number)));
  return items
    .filter((block) => block !== undefined && block.delaySeconds > 0)
    .reduce(
      (sum, block) => ({
        done: sum.done + (block?.done.length ?? 0) - (block?.skipped.length ?? 0),
        completed: sum.completed + (block?.counts.completed ?? 0),
      }),
      { done: 0, completed: 0 },
    );
};

/** An entry with the status that its runs have, which is recorded when it is the last one. */
export const settled = async (entry: Entry, deps: EntryDeps): Promise<ListedComparison> => {
  const { file, summary, shown, runsToRead } = entry;
  if (runsToRead === 0) return shown;
  const status = (await readCachedView(file.id, deps))?.status ?? (await statusOfRuns(file, deps));
  await recordStatus(file, summary, status, deps);
  return { ...shown, status };
};

const statusOfRuns = async (file: PromptFile, deps: EntryDeps): Promise<ComparisonStatus> => {
  const plan = await readPlan(file, deps.content);
  const found = await readRuns(file, blockRuns(plan), deps);
  const blocks = plan.blocks.map((block, at) => measuredBlock(block, found[at], plan, true));
  return statusOf({ file, blocks }, countGenerations(blocks));
};
