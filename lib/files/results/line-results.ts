import { inOrder } from '../../async/in-order.ts';
import { sumOf, usdOf } from '../../budget/amount.ts';
import type { Budget } from '../../budget/budget.ts';
import { jsonBytes } from '../../json/value.ts';
import type { AskedResponse } from '../../openai/responses/response.ts';
import type { ContentStore, RunStore } from '../../runs/ports.ts';
import { outputsOf } from '../../runs/read-run.ts';
import { acceptedRunRequest, promptBytes, type RequestDefaults } from '../../runs/request.ts';
import type { ResponseBlock } from '../../runs/request-schema.ts';
import { endedWithoutText, type Run } from '../../runs/run.ts';
import { generationPath, NO_SAMPLING, type RunView, viewRun } from '../../runs/view.ts';
import { type ReadAnswer, readAnswer } from '../embeddings/answers.ts';
import { isOfEmbeddings } from '../embeddings/lines.ts';
import type { RecordError } from '../formats/faults.ts';
import type { FileStore } from '../ports.ts';
import type { Block, FileLineEntry, PromptFile } from '../prompt-file.ts';
import { readBlock } from '../work/blocks.ts';
import { findLineRun, type Line, lineOf, requestOfLine } from '../work/line-run.ts';

/** One line of a results file, for one line of the input. `valid` is the status of a valid line in a dry run. */
export type ResultLine = {
  line: number;
  run_id: string | null;
  status: 'completed' | 'failed' | 'valid';
  run: Omit<RunView, 'diversity'> | null;
  error: RecordError | null;
  /** A dry run's upper bounds; the cost is null if a price is unknown. */
  estimate?: { tokens: number; cost_usd: number | null };
  /** The table's row, unchanged, or the other fields of a text's front matter. */
  columns?: Record<string, string>;
};

/** A result line, and the other facts that the results' formats and sums depend on. */
export type AssembledLine = {
  result: ResultLine;
  customId: string | null;
  /** The request of a line that asks for a response, once it has an answer. */
  asked?: AskedResponse;
  /** The answer of a line that asks for embeddings, which has no run. */
  embeddings?: ReadAnswer;
  /**
   * `own`: it has a run or an answer of this file; `reused`: it has one of an earlier file; `refused`: it has none, since
   * it is not a valid request or its run is gone; `skipped`: it had not begun when the file was stopped; `dry`: a dry run.
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
/** An answer of so many bytes takes one of these places, so that 8 MiB are read ahead: intake's heap has 128. */
const BYTES_A_PLACE = 512 * 1024;
/** A longer prompt filled in from a template is left out of the results, which would repeat the template in each line. */
const MAX_FILLED_BYTES = 16 * 1024;
/** A longer report is left out of the results: defaults of 64 KB would be repeated three times by every output. */
const MAX_SAMPLING_BYTES = 16 * 1024;

/** Yields the results of one block's lines, in order; `only` filters them, given the block's lines that are done. */
export const lineResults = async function* (
  file: PromptFile,
  number: number,
  deps: LineResultsDeps,
  only: (entry: FileLineEntry, done: ReadonlySet<number>) => boolean = () => true,
): AsyncGenerator<AssembledLine> {
  const block = number < file.sentBlocks ? await deps.files.getBlock(file.id, number) : undefined;
  const done = new Set(block?.done);
  const entries = (await readBlock(file.id, number, deps)).filter((entry) => only(entry, done));
  const placesOf = ({ line }: FileLineEntry) => Math.ceil((block?.answers[line]?.bytes ?? 0) / BYTES_A_PLACE);
  yield* inOrder(entries, AT_ONCE, (entry) => lineResult(file, entry, block, deps), placesOf);
};

const STOPPED = {
  cancelled: 'the file was cancelled before this line began',
  max_cost_reached: 'the file reached its max_cost_usd before this line began',
};
const GONE = { code: 'gone', message: 'the run of this line was deleted' };
const ANSWER_GONE = { code: 'gone', message: 'the answer of this line was deleted' };

/**
 * Makes the result of a line from its run, which no longer changes. `block` is undefined for a line that was never
 * sent, because its file was stopped or is a dry run.
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
  if (!block && file.dryRun && !file.stopped)
    return line('dry', validLine(await lineOf(file.id, entry, deps), deps));
  if (!block || block.skipped.includes(entry.line)) {
    const code = file.stopped?.code ?? 'cancelled';
    return line('skipped', { error: { code, message: STOPPED[code] } });
  }
  if (isOfEmbeddings(file)) {
    const pointed = block.answers[entry.line];
    const read = pointed && (await readAnswer({ fileId: file.id, line: entry.line }, pointed, deps));
    const kind = pointed?.isReused ? 'reused' : 'own';
    const error = block.errors[entry.line];
    if (read && 'body' in read && !error) return { ...line(kind, { status: 'completed' }), embeddings: read };
    return line(kind, { error: read && 'error' in read ? read.error : (error ?? ANSWER_GONE) });
  }
  const own = await lineOf(file.id, entry, deps);
  const found = await findLineRun(file, own, deps);
  const run = found.run ?? found.failed;
  if (!run) return line('refused', { error: block.errors[entry.line] ?? GONE });
  const kind = run.file?.fileId === file.id ? 'own' : 'reused';
  if (run.status === 'deleted') return line(kind, { run_id: run.id, error: GONE });
  const isFailed = endedWithoutText(run);
  const view = await viewOf(run, own, deps);
  const assembled = line(kind, {
    run_id: run.id,
    status: isFailed ? 'failed' : 'completed',
    run: view,
    error: view.error ?? (isFailed ? { code: run.status, message: `the run is ${run.status}` } : null),
  });
  return entry.response ? { ...assembled, asked: askedOf(own, entry.response) } : assembled;
};

/** The stored request of a line, whose fields were checked when the file was read, as one for a response. */
const askedOf = ({ body }: Line, response: ResponseBlock): AskedResponse => ({
  ...(body as AskedResponse),
  response,
});

const validLine = (line: Line, { defaults, budget }: LineResultsDeps): Partial<ResultLine> => {
  const { tokens, nanoUsd } = sumOf(budget.boundsOf(requestOfLine(line, defaults)));
  return { status: 'valid', estimate: { tokens, cost_usd: nanoUsd === null ? null : usdOf(nanoUsd) } };
};

/** Makes the view of a line's run. It reads only the outputs, since the line itself contains the request. */
const viewOf = async (run: Run, { body, shared }: Line, { content }: LineResultsDeps) => {
  const request = acceptedRunRequest(body, { model: run.model });
  const view = stable(viewRun(run, request, await outputsOf(run, request, { content })));
  const isRepeated = shared !== undefined && promptBytes(request) > MAX_FILLED_BYTES;
  return isRepeated ? { ...view, prompt: null, messages: null } : view;
};

/**
 * Reduces a run's view to the part that no longer changes. Embedding may still be running, so this drops all that
 * embedding adds (the last status, its error, vector ids, diversity): the bytes are the same whenever the file is assembled.
 */
const stable = ({ diversity: _, ...view }: RunView): NonNullable<ResultLine['run']> => ({
  ...view,
  ...(!endedWithoutText(view) && { status: 'generated', error: null }),
  generations: view.generations.map((generation) => ({
    ...generation,
    vector_ids: [],
    ...(jsonBytes(generation.sampling) > MAX_SAMPLING_BYTES && {
      sampling: NO_SAMPLING,
      left_out: { fields: ['sampling'], read_at: generationPath(view, generation) },
    }),
  })),
});
