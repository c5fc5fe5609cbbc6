import { inOrder } from '../../async/in-order.ts';
import { sumOf, usdOf } from '../../budget/amount.ts';
import type { Budget } from '../../budget/budget.ts';
import type { ContentStore, RunStore } from '../../runs/ports.ts';
import { outputsOf } from '../../runs/read-run.ts';
import { acceptedRunRequest, type RequestDefaults } from '../../runs/request.ts';
import type { Run } from '../../runs/run.ts';
import { type RunView, viewRun } from '../../runs/view.ts';
import type { RecordError } from '../formats/faults.ts';
import type { FileStore } from '../ports.ts';
import type { Block, FileLineEntry, PromptFile } from '../prompt-file.ts';
import { readBlock } from '../work/blocks.ts';
import { findLineRun, parseLine } from '../work/line-run.ts';

/** One line of a results file, for one line of the input; `valid`: a dry run would generate it. */
export type ResultLine = {
  line: number;
  run_id: string | null;
  status: 'completed' | 'failed' | 'valid';
  run: Omit<RunView, 'diversity'> | null;
  error: RecordError | null;
  /** A dry run's upper bounds; the cost is null where a price is unknown. */
  estimate?: { tokens: number; cost_usd: number | null };
  /** The table's row, unchanged. */
  columns?: Record<string, string>;
};

/** A result line, and what else its formats and sums depend on. */
export type AssembledLine = {
  result: ResultLine;
  customId: string | null;
  /**
   * `own`: a run of this file; `reused`: a run of an earlier one; `refused`: no valid request, or its run is gone;
   * `skipped`: not begun before the file was stopped; `dry`: checked by a dry run.
   */
  kind: 'refused' | 'skipped' | 'reused' | 'own' | 'dry';
};

export type LineResultsDeps = {
  files: Pick<FileStore, 'getBlock'>;
  runs: Pick<RunStore, 'get'>;
  content: ContentStore;
  bucket: string;
  defaults: RequestDefaults;
  budget: Pick<Budget, 'boundsOf'>;
};

const AT_ONCE = 16;

/** Yields the results of one block's lines, in order; `only` filters the lines. */
export const lineResults = async function* (
  file: PromptFile,
  number: number,
  deps: LineResultsDeps,
  only: (entry: FileLineEntry, done: ReadonlySet<number>) => boolean = () => true,
): AsyncGenerator<AssembledLine> {
  const block = number < file.sentBlocks ? await deps.files.getBlock(file.id, number) : undefined;
  const done = new Set(block?.done);
  const entries = (await readBlock(file.id, number, deps)).filter((entry) => only(entry, done));
  yield* inOrder(entries, AT_ONCE, (entry) => lineResult(file, entry, block, deps));
};

const STOPPED = {
  cancelled: 'the file was cancelled before this line had begun',
  max_cost_reached: 'the file had reached its max_cost_usd before this line had begun',
};
const GONE = { code: 'gone', message: 'the run of this line was deleted' };

/**
 * The result of a line, read from its run, which no longer changes. `block` is undefined for a line that was never
 * sent: its file was stopped, or is a dry run.
 */
const lineResult = async (
  file: PromptFile,
  entry: FileLineEntry,
  block: Block | undefined,
  deps: LineResultsDeps,
): Promise<AssembledLine> => {
  const line = (kind: AssembledLine['kind'], result: Partial<ResultLine>): AssembledLine => ({
    kind,
    customId: entry.custom_id ?? null,
    result: {
      line: entry.line,
      run_id: null,
      status: 'failed',
      run: null,
      error: null,
      ...result,
      ...(entry.columns && { columns: entry.columns }),
    },
  });
  if (entry.error) return line('refused', { error: entry.error });
  if (!block && file.dryRun && !file.stopped) return line('dry', await validLine(entry, deps));
  if (!block || block.skipped.includes(entry.line)) {
    const code = file.stopped?.code ?? 'cancelled';
    return line('skipped', { error: { code, message: STOPPED[code] } });
  }
  const found = await findLineRun(file, entry, deps);
  const run = found.run ?? found.failed;
  if (!run) return line('refused', { error: block.errors[entry.line] ?? GONE });
  const kind = run.file?.fileId === file.id ? 'own' : 'reused';
  if (run.status === 'deleted') return line(kind, { run_id: run.id, error: GONE });
  const isFailed = run.status === 'failed' || run.status === 'cancelled';
  const view = await viewOf(run, entry, deps);
  return line(kind, {
    run_id: run.id,
    status: isFailed ? 'failed' : 'completed',
    run: view,
    error: view.error ?? (isFailed ? { code: run.status, message: `the run is ${run.status}` } : null),
  });
};

const validLine = async (
  entry: FileLineEntry,
  { defaults, budget }: LineResultsDeps,
): Promise<Partial<ResultLine>> => {
  const { tokens, nanoUsd } = sumOf(budget.boundsOf(await parseLine(entry, defaults)));
  return { status: 'valid', estimate: { tokens, cost_usd: nanoUsd === null ? null : usdOf(nanoUsd) } };
};

/** Reads the outputs alone, since the line itself holds the request. */
const viewOf = async (run: Run, { body }: FileLineEntry, { content }: LineResultsDeps) => {
  const outputs = await outputsOf(run, { content });
  const request = acceptedRunRequest(body, { model: run.model });
  return stable(
    viewRun(
      run,
      request,
      outputs.map(({ generation }) => generation),
    ),
  );
};

/**
 * A run as a result line shows it. Embedding may still be running, so the line leaves out all that embedding adds (the
 * last status, vector ids, embedding diversity): a run gives the same bytes whenever its file is assembled.
 */
const stable = ({ status, diversity: _, ...view }: RunView): NonNullable<ResultLine['run']> => ({
  ...view,
  status: status === 'failed' || status === 'cancelled' ? status : 'generated',
  generations: view.generations.map((generation) => ({ ...generation, vector_ids: [] })),
});
