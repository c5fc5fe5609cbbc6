import type { Clock } from '../../async/clock.ts';
import { codeOf } from '../../errors.ts';
import { errorFields, type Log } from '../../observe/log.ts';
import { DUE, MAX_ATTEMPTS } from '../../runs/due.ts';
import type { ContentStore, EventBus } from '../../runs/ports.ts';
import { formatOfKey } from '../formats/format-of-key.ts';
import { type FileLease, type FileLeaseDeps, withFileLease } from '../lease.ts';
import type { FileStore } from '../ports.ts';
import type { FileStatus, PromptFile } from '../prompt-file.ts';
import { csvRow } from './csv-cells.ts';
import { contentTypeOf, isLongKey, resultKey, SUFFIXES, type Suffix } from './objects.ts';
import { type Totals, totalsSoFar } from './summary.ts';

export type EndFileDeps = {
  files: FileStore;
  content: ContentStore;
  bus: EventBus;
  clock: Clock;
  log: Log;
  bucket: string;
};

/** Ends a file whose result lines are written: writes its summary and status, then publishes it and emits the event. */
export const endFile = async (
  { file, token }: FileLease,
  status: 'completed' | 'completed_with_errors' | 'failed',
  totals: Totals,
  error: PromptFile['error'],
  deps: EndFileDeps,
): Promise<void> => {
  await writeSummary({ ...file, status, error }, totals, deps);
  const now = deps.clock.now();
  const ended = await deps.files.change(
    file.id,
    {
      status,
      error,
      endedAt: new Date(now).toISOString(),
      lease: null,
      pending: true,
      dueAt: now + DUE.pending,
      dueTries: 0,
    },
    { status: [file.status], leaseToken: token },
  );
  if (!ended) {
    await restoreFailure(file.id, deps);
    return;
  }
  deps.log.info(`file.${status}`, { file_id: file.id, lines: ended.lines, code: error?.code });
  await publishNewest(ended, deps);
  await emitFileCompleted(ended, deps);
};

const writeSummary = (
  file: PromptFile,
  totals: Totals,
  { content }: Pick<EndFileDeps, 'content'>,
): Promise<void> => {
  const summary = `${JSON.stringify(totals.summary(file), null, 2)}\n`;
  return content.put(resultKey(file, '.summary.json'), summary, contentTypeOf('.summary.json'));
};

/**
 * Runs the work under the file's lease, as `withFileLease` does. A file whose last five attempts were all lost or failed
 * is ended instead, as `attempts_exhausted`. The runs of its lines, if it has any, keep their outputs.
 */
export const workOnFile = (
  file: Pick<PromptFile, 'id' | 'attempts'>,
  status: FileStatus,
  deps: FileLeaseDeps & EndFileDeps,
  work: (lease: FileLease) => Promise<void>,
): Promise<void> =>
  withFileLease(file, status, deps, async (lease) => {
    if (lease.file.attempts > MAX_ATTEMPTS) await recordFailure(lease, exhausted(lease.file), deps);
    else await work(lease);
  });

const exhausted = ({ id, status }: PromptFile): { code: string; message: string } => {
  const tried = `${MAX_ATTEMPTS} attempts to ${status === 'reading' ? 'read this file' : 'write its results'} failed`;
  const remedy =
    status === 'reading'
      ? 'nothing of it was generated; split it, or upload it again'
      : `its lines' answers are kept: see GET /runs?file=${id}, or upload the file again`;
  return { code: 'attempts_exhausted', message: `${tried}; ${remedy}` };
};

/** Ends a file without the results of its lines: its only result is the error, and it is not retried. */
export const recordFailure = async (
  lease: FileLease,
  error: { code: string; message: string },
  deps: EndFileDeps,
): Promise<void> => {
  await writeFailure(lease.file, error, deps);
  await endFile(lease, 'failed', totalsSoFar(lease.file), error, deps);
};

/** Writes the results of a file whose only result is an error. */
const writeFailure = async (
  file: PromptFile,
  error: { code: string; message: string },
  { content }: Pick<EndFileDeps, 'content'>,
): Promise<void> => {
  const row = { line: null, run_id: null, status: 'failed', run: null, error };
  const put = (suffix: Suffix, body: string) =>
    content.put(resultKey(file, suffix), body, contentTypeOf(suffix));
  await put('.jsonl', `${JSON.stringify(row)}\n`);
  const cells = ['error', `${error.code}: ${error.message}`];
  if (formatOfKey(file.key) === 'csv') await put('.csv', cells.map((cell) => csvRow([cell], ',')).join(''));
};

/**
 * Writes the results of a failed file again. They were overwritten by a worker that had lost its lease under its last
 * writes, when others gave the file up.
 */
const restoreFailure = async (id: string, deps: EndFileDeps): Promise<void> => {
  const file = await deps.files.get(id);
  if (file?.status === 'failed' && file.error) await publishFailure(file, file.error, deps);
};

/** Writes the results of a file that has ended with an error alone, and its summary, and publishes them. */
const publishFailure = async (
  file: PromptFile,
  error: { code: string; message: string },
  deps: EndFileDeps,
): Promise<void> => {
  await writeFailure(file, error, deps);
  await writeSummary(file, totalsSoFar(file), deps);
  await publishNewest(file, deps);
};

/** Writes the results of a file that was stopped while it was read, publishes them and emits its event. */
export const endStopped = async (file: PromptFile, deps: EndFileDeps): Promise<void> => {
  const { error } = file;
  if (!error) throw new Error(`file ${file.id} was cancelled without an error`);
  await publishFailure(file, error, deps);
  await emitFileCompleted(file, deps);
};

/** Copies a file's results to `results/{key}…` if it is the newest of its key; an older file copies nothing. */
export const publishNewest = async (
  { id, key }: Pick<PromptFile, 'id' | 'key'>,
  { files, content, log }: Pick<EndFileDeps, 'files' | 'content' | 'log'>,
): Promise<void> => {
  if (isLongKey(key)) return;
  let published: string | undefined;
  let newest = await files.newest(key);
  if (newest !== id) return;
  // A newer file may have published meanwhile, and this copy may have overwritten it: copy the newer results again.
  while (newest !== undefined && newest !== published) {
    await files.notePublished(key, newest);
    try {
      await publish(key, newest, content);
    } catch (error) {
      // The file's own results are complete under its id; only the copy under the key is missing.
      if (codeOf(error) !== 'too_large_to_copy') throw error;
      log.warn('file.not_published', { file_id: newest, code: 'too_large_to_copy' });
    }
    published = newest;
    newest = await files.newest(key);
  }
};

const publish = async (key: string, id: string, content: ContentStore): Promise<void> => {
  const written = await content.list(resultKey({ key, id }, '.'));
  for (const suffix of SUFFIXES) {
    const from = resultKey({ key, id }, suffix);
    const to = `results/${key}${suffix}`;
    if (written.includes(from)) await content.copy(from, to, contentTypeOf(suffix));
    // An earlier version of this text had an answer, which is not one to this version.
    else if (suffix === '.txt' && formatOfKey(key) === 'text') await content.delete([to]);
  }
};

/** Emits FileCompleted and clears `pending`; after a crash in between, the same event is emitted again. */
export const emitFileCompleted = async (
  file: PromptFile,
  { files, bus, bucket, log }: Pick<EndFileDeps, 'files' | 'bus' | 'bucket' | 'log'>,
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
          results: { bucket, key: resultKey(file, '.jsonl') },
        },
      },
    ]);
    await files.change(file.id, { pending: false, dueAt: null, dueTries: 0 }, { status: [file.status] });
  } catch (error) {
    log.warn('event.delayed', { file_id: file.id, ...errorFields(error) });
  }
};
