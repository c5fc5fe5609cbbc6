import { codeOf, InvalidInputError } from '../errors.ts';
import type { Clock, ContentStore, EventBus, Ids, Log, RunStore } from '../runs/ports.ts';
import { loadRunView } from '../runs/read-run.ts';
import type { RequestDefaults } from '../runs/run-request.ts';
import type { RunView } from '../runs/run-view.ts';
import { lineRunId, parseLine } from './line-run.ts';
import { type FileLineEntry, type FileStore, linesKey, type PromptFile } from './prompt-file.ts';
import { contentTypeOf, type ResultLine, resultObjects } from './results.ts';

export type AssembleDeps = {
  files: FileStore;
  runs: RunStore;
  content: ContentStore;
  bus: EventBus;
  clock: Clock;
  ids: Ids;
  log: Log;
  bucket: string;
  defaults: RequestDefaults;
};

// Not renewed: should assembling take longer, a second assembler writes the same bytes, and one commit counts.
const LEASE_MS = 60_000;
const EVENT_DUE_MS = 30_000;

/**
 * Writes a file's results once all its lines are done: a line for each input line, in order, errors included, and a
 * summary. Its bytes depend only on runs that no longer change, so a second assembler would write the same. Does
 * nothing when lines are missing or another assembler has the lease.
 */
export const assembleFile = async (file: PromptFile, deps: AssembleDeps): Promise<void> => {
  if (file.fullBlocks.length < file.blocks) return;
  const now = deps.clock.now();
  const leased = await deps.files.change(
    file.id,
    { lease: { token: deps.ids.leaseToken(), until: now + LEASE_MS }, dueAt: now + LEASE_MS + 1 },
    { status: ['generating'], leaseBefore: now },
  );
  if (!leased) return;
  const entries = (await deps.content.get(linesKey(file.id)))
    .split('\n')
    .filter((row) => row !== '')
    .map((row): FileLineEntry => JSON.parse(row));
  const lines: ResultLine[] = [];
  for (const entry of entries) lines.push(await resultOf(file, entry, deps));
  const hasErrors = lines.some(({ status }) => status !== 'completed');
  await finish(leased, hasErrors ? 'completed_with_errors' : 'completed', lines, null, deps);
};

/** The result of a file that could not be read as prompts: one error, no retry. */
export const recordFailure = (
  file: PromptFile,
  error: { code: string; message: string },
  deps: AssembleDeps,
): Promise<void> => finish(file, 'failed', [], error, deps);

const finish = async (
  file: PromptFile,
  status: 'completed' | 'completed_with_errors' | 'failed',
  lines: ResultLine[],
  error: PromptFile['error'],
  deps: AssembleDeps,
): Promise<void> => {
  const ended: PromptFile = { ...file, status, error };
  for (const { suffix, body, contentType } of resultObjects(ended, lines)) {
    await deps.content.put(`results/${file.key}.${file.id}${suffix}`, body, contentType);
  }
  const committed = await deps.files.change(
    file.id,
    { status, error, lease: null, pending: true, dueAt: deps.clock.now() + EVENT_DUE_MS, dueTries: 0 },
    file.lease ? { status: ['generating'], leaseToken: file.lease.token } : { status: ['reading'] },
  );
  if (!committed) return;
  deps.log.info(`file.${status}`, { file_id: file.id, lines: lines.length, code: error?.code });
  await publishNewest(committed, deps);
  await emitFileCompleted(committed, deps);
};

const SUFFIXES = ['.jsonl', '.summary.json', '.txt'];

/** `results/{key}…` shows the newest file's results; an older file that ends later leaves them alone. */
export const publishNewest = async (
  { id, key }: PromptFile,
  { files, content }: AssembleDeps,
): Promise<void> => {
  let published: string | undefined;
  let newest = await files.newest(key);
  if (newest !== id) return;
  // A newer file may have published its results while these were written over them: then its own come back.
  while (newest !== undefined && newest !== published) {
    await publish(key, newest, content);
    published = newest;
    newest = await files.newest(key);
  }
};

const publish = async (key: string, fileId: string, content: ContentStore): Promise<void> => {
  const written = await content.list(`results/${key}.${fileId}.`);
  for (const suffix of SUFFIXES) {
    const from = `results/${key}.${fileId}${suffix}`;
    if (written.includes(from)) {
      await content.put(`results/${key}${suffix}`, await content.get(from), contentTypeOf(suffix));
    }
  }
};

/** Sends FileCompleted and clears it; a crash in between sends the same event again. */
export const emitFileCompleted = async (
  file: PromptFile,
  { files, bus, bucket, log }: AssembleDeps,
): Promise<void> => {
  if (!file.pending) return;
  try {
    await bus.emit([
      {
        type: 'FileCompleted',
        detail: {
          schema_version: 1,
          event_id: `${file.id}.FileCompleted`,
          file_id: file.id,
          caller: file.caller,
          status: file.status,
          key: file.key,
          lines: file.lines,
          results: { bucket, key: `results/${file.key}.${file.id}.jsonl` },
        },
      },
    ]);
    await files.change(file.id, { pending: false, dueAt: null, dueTries: 0 }, { status: [file.status] });
  } catch (error) {
    log.warn('event.delayed', { file_id: file.id, code: codeOf(error) });
  }
};

const resultOf = async (file: PromptFile, entry: FileLineEntry, deps: AssembleDeps): Promise<ResultLine> => {
  const id = lineRunId(deps.bucket, file, entry);
  const run = await deps.runs.get(id);
  if (!run) return { line: entry.line, run_id: null, run: null, ...(await refusalOf(entry, deps.defaults)) };
  if (run.status === 'deleted') return { line: entry.line, run_id: id, run: null, ...GONE };
  const view: RunView = await loadRunView(run, deps);
  const status = run.status === 'failed' ? 'failed' : 'completed';
  return { line: entry.line, run_id: id, status, run: stable(view), error: view.error };
};

const GONE = {
  status: 'failed' as const,
  error: { code: 'gone', message: 'the run of this line was deleted' },
};

/** Why a line that is done has no run: it was not a request. */
const refusalOf = async (
  entry: FileLineEntry,
  defaults: RequestDefaults,
): Promise<Pick<ResultLine, 'status' | 'error'>> => {
  try {
    await parseLine(entry, defaults);
    return GONE;
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return { status: 'failed', error: { code: error.code, message: error.message, errors: error.issues } };
  }
};

/**
 * A run as a result line shows it. Embedding may still be under way, so what it adds (the last status, vector ids,
 * embedding diversity) is left out: the same run gives the same bytes whenever its file is assembled.
 */
const stable = ({ status, diversity: _, ...view }: RunView): ResultLine['run'] => ({
  ...view,
  status: status === 'failed' ? 'failed' : 'generated',
  generations: view.generations.map((generation) => ({ ...generation, vector_ids: [] })),
});
