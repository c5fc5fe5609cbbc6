import { backoffMs, type Random } from '../async/clock.ts';
import { inOrder } from '../async/in-order.ts';
import { InvalidInputError, isRetryable } from '../errors.ts';
import { own } from '../json/value.ts';
import { toldFailure } from '../runs/failure.ts';
import type { Generation } from '../runs/generation.ts';
import { outputKey } from '../runs/keys.ts';
import { cursorOf } from '../runs/list/cursor.ts';
import { previewOf, promptPreviewOf } from '../runs/list/entry.ts';
import { listPosition } from '../runs/list/read.ts';
import { isTextless } from '../runs/not-stored.ts';
import { decodeGeneration } from '../runs/output-object.ts';
import type { ContentStore, ListedRun, ListRuns, RunStore } from '../runs/ports.ts';
import { requestedBy, requestOf, unlessGone } from '../runs/read-run.ts';
import { type RunRequest, settingAt } from '../runs/request.ts';
import type { Run } from '../runs/run.ts';
import { diversityOf } from '../runs/view.ts';
import type { ExportRow } from './columns.ts';
import type { ExportQuery } from './query.ts';

export type ExportDeps = {
  listRuns: ListRuns;
  runs: Pick<RunStore, 'get'>;
  content: Pick<ContentStore, 'get'>;
  sleep: (ms: number) => Promise<void>;
  random: Random;
};

/** Runs of one page of the list. */
const PAGE = 200;
/** Outputs that are read at once or wait for earlier ones; a run with more is read alone. */
const OUTPUTS_AT_ONCE = 16;
const READS = 3;
const READ_AGAIN = { baseDelayMs: 200, maxDelayMs: 2_000 };

/** A step of an export: a row, or null where runs were looked at that have none. `cursor` goes on after the step. */
export type ExportStep = { row: ExportRow; cursor: string } | { row: null; cursor: string };

/**
 * Yields the rows of an export, newest run first, in index order within a run, and a step without a row after each page of
 * the list. Pages and runs are read as steps are taken, so a reader that pauses pauses the reads: at any time the rows of
 * at most 16 outputs, or of one run that has more, are held. A read that fails is tried three times.
 *
 * @throws {InvalidInputError} for a cursor that no export or list of these times returned.
 */
export async function* exportRows(query: ExportQuery, deps: ExportDeps): AsyncGenerator<ExportStep> {
  const { texts, metadataColumns: _, limit, cursor, ...filters } = query;
  let left = limit ?? Number.POSITIVE_INFINITY;
  const start = placeOf(cursor);
  if (start?.index !== undefined) {
    for (const row of await restOfRun(start, query, deps)) {
      yield { row, cursor: row.cursor };
      left -= 1;
      if (left === 0) return;
    }
  }
  let next = start?.cursor ?? null;
  do {
    const at = next === null ? {} : { cursor: next };
    const page = await readAgain(() => deps.listRuns({ ...filters, limit: PAGE, ...at }), deps);
    const runs = inOrder(
      page.runs,
      OUTPUTS_AT_ONCE,
      async (entry) =>
        entry.status === 'deleted' ? deletedRows(entry) : readAgain(() => rowsOf(entry, texts, deps), deps),
      outputsIn,
    );
    for await (const rows of runs) {
      for (const row of rows) {
        yield { row, cursor: row.cursor };
        left -= 1;
        if (left === 0) return;
      }
    }
    next = page.nextCursor;
    if (next !== null) yield { row: null, cursor: next };
  } while (next !== null);
}

const outputsIn = ({ parts }: ListedRun): number =>
  parts.reduce((sum, { completed, failed }) => sum + completed + failed, 0);

/** The rows of a run whose earlier ones the cursor says were read. */
const restOfRun = async (
  { cursor, createdAt, id, index }: Place,
  { caller, texts, ...query }: ExportQuery,
  deps: ExportDeps,
): Promise<ExportRow[]> => {
  // The list checks that its own cursor is one, and that the times of the query hold it.
  await deps.listRuns({ caller, limit: 1, cursor, ...timesOf(query) });
  const done = (index ?? -1) + 1;
  if (query.status === 'deleted') {
    const until = new Date(Date.parse(createdAt) + 1).toISOString();
    const at = { caller, status: query.status, since: createdAt, until, limit: PAGE };
    const { runs } = await readAgain(() => deps.listRuns(at), deps);
    return runs.filter((entry) => entry.id === id).flatMap((entry) => deletedRows(entry).slice(done));
  }
  const entry = { id, caller, createdAt, promptPreview: null };
  const rows = await readAgain(() => rowsOf(entry, texts, deps), deps);
  return rows.slice(done);
};

const timesOf = ({ since, until }: Pick<ExportQuery, 'since' | 'until'>) => ({
  ...(since !== undefined && { since }),
  ...(until !== undefined && { until }),
});

/** A place between two rows. `cursor` is that of the run in its list; `index` is set within a run's rows. */
type Place = { cursor: string; createdAt: string; id: string; index: number | undefined };

const placeOf = (cursor: string | undefined): Place | undefined => {
  if (cursor === undefined) return undefined;
  const [createdAt = '', id = '', index, ...more] = Buffer.from(cursor, 'base64url').toString().split('#');
  if (index === undefined) return { cursor, createdAt, id, index };
  if (!/^\d{1,4}$/.test(index) || more.length > 0)
    throw new InvalidInputError([
      { path: 'cursor', message: 'is not a cursor of an export; leave it out to start at the first row' },
    ]);
  return { cursor: cursorOf(listPosition({ createdAt, id })), createdAt, id, index: Number(index) };
};

/**
 * The rows of a deleted run, which are exported where the query asks for deleted runs: one a setting, with what its
 * outputs used together. Nothing else of them is kept.
 */
const deletedRows = (entry: ListedRun): ExportRow[] => {
  const position = listPosition(entry);
  const generated = entry.parts.filter(({ completed, failed }) => completed + failed > 0);
  // One that was deleted before any output has a row, too, since it counts as a request.
  const used = generated.length > 0 ? generated : entry.parts.slice(0, 1);
  return used.map((part, at) => ({
    ...{ run: entry, error: null, output: null, used: part, prompt: null, messages: null, text: null },
    toolCalls: null,
    cursor: cursorOf(at === used.length - 1 ? position : `${position}#${at}`),
  }));
};

/** The rows of a run; none when it was deleted, or was never accepted. */
const rowsOf = async (
  entry: Pick<ListedRun, 'id' | 'caller' | 'createdAt' | 'promptPreview'>,
  texts: boolean,
  deps: ExportDeps,
): Promise<ExportRow[]> => {
  const run = await deps.runs.get(entry.id);
  if (!run || run.status === 'deleted' || run.caller !== entry.caller || run.createdAt !== entry.createdAt)
    return [];
  const request = await unlessGone(requestOf(run, deps));
  const outputs = await generationsOf(run, request, deps);
  if (outputs.includes(undefined) && (await deps.runs.get(run.id))?.status === 'deleted') return [];
  const known = outputs.filter((output) => output !== undefined);
  const position = listPosition(run);
  const hasTexts = request !== undefined && !isTextless(run);
  const shared = {
    run,
    used: null,
    error: toldFailure(run.error, known),
    prompt: texts ? (request?.prompt ?? null) : hasTexts ? promptPreviewOf(request) : entry.promptPreview,
    messages: texts && hasTexts && request.prompt === null ? request.messages : null,
  };
  if (run.generations.length === 0)
    return [{ ...shared, output: null, text: null, toolCalls: null, cursor: cursorOf(position) }];
  const diversity = diversityOf(run, known);
  return run.generations.map((figures, index): ExportRow => {
    const generation = outputs[index];
    const setting = Math.floor(index / run.samples);
    const label = run.labels[setting] ?? '';
    const text = generation?.text ?? null;
    const isLast = index === run.generations.length - 1;
    return {
      ...shared,
      output: {
        index,
        label,
        sample: index % run.samples,
        requestedModel: run.models[setting] ?? run.model,
        setting: request && settingAt(request, index),
        figures,
        generation,
        diversity: diversity ? own(diversity.by_label, label) : undefined,
      },
      text: texts || text === null ? text : previewOf(text),
      toolCalls: texts ? (generation?.tool_calls ?? null) : null,
      cursor: cursorOf(isLast ? position : `${position}#${index}`),
    };
  });
};

/** The stored outputs of a run, undefined for those that are gone. */
const generationsOf = async (
  run: Run,
  request: RunRequest | undefined,
  { content }: Pick<ExportDeps, 'content'>,
): Promise<(Generation | undefined)[]> => {
  const generations: (Generation | undefined)[] = [];
  const read = inOrder([...run.generations.entries()], OUTPUTS_AT_ONCE, async ([index, { lease }]) => {
    const json = await unlessGone(content.get(outputKey(run.id, index, lease)));
    return json === undefined
      ? undefined
      : decodeGeneration(json, request ? requestedBy(request) : () => ({}));
  });
  for await (const generation of read) generations.push(generation);
  return generations;
};

const readAgain = async <T>(
  read: () => Promise<T>,
  { sleep, random }: Pick<ExportDeps, 'sleep' | 'random'>,
): Promise<T> => {
  for (let reads = 1; ; reads += 1) {
    try {
      return await read();
    } catch (error) {
      if (reads === READS || !isRetryable(error)) throw error;
      await sleep(backoffMs(reads, READ_AGAIN, random));
    }
  }
};
