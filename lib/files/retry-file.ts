import type { Clock } from '../async/clock.ts';
import { ConflictError } from '../errors.ts';
import { errorFields, type Log } from '../observe/log.ts';
import { derivedRunId } from '../runs/keys.ts';
import type { ContentStore, FileQueue } from '../runs/ports.ts';
import { refuseDeleted } from './delete-file.ts';
import { FILE_DUE } from './limits.ts';
import type { FileStore } from './ports.ts';
import {
  FILE_STATUSES,
  hasFileEnded,
  isFileDeleted,
  newFile,
  type PromptFile,
  sequencerOrder,
} from './prompt-file.ts';
import { sidecarCopyKey } from './read/progress.ts';
import { type FindSource, readDefaults } from './read/stored-source.ts';
import { findFile } from './view.ts';

export type RetryFileDeps = {
  files: FileStore;
  content: Pick<ContentStore, 'get' | 'put'>;
  findSource: FindSource;
  fileQueue: FileQueue;
  clock: Clock;
  log: Log;
};

/** A retry, and whether an earlier request had begun it. */
export type Retry = { file: PromptFile; isReplay: boolean };

/**
 * Begins a new file over the present object of an ended one: lines with an answer are reused, all others are generated.
 * While a retry of the file is under way, and for the same Idempotency-Key also after that, it returns that one.
 * The id of the retry is claimed in the ended file before the new file is made, so no two begin, whatever crashes.
 * @throws {NotFoundError} when there is no such file of the caller's, or it or its retry was deleted (`gone`).
 * @throws {ConflictError} when the file has not ended, a later file of its key has not, or its object is gone.
 */
export const retryFile = async (
  id: string,
  { caller, idempotencyKey }: { caller: string; idempotencyKey?: string },
  deps: RetryFileDeps,
): Promise<Retry> => {
  const keyed = idempotencyKey === undefined ? undefined : retryId(id, 'key', idempotencyKey);
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    const file = await findFile(id, caller, deps);
    if (!hasFileEnded(file))
      throw new ConflictError(`file ${id} is ${file.status}; a file can be retried once it has ended`);
    const [same, last] = await Promise.all([find(keyed, deps), find(file.retriedAs, deps)]);
    if (same) refuseDeleted(same);
    const known = same ?? (last && !hasFileEnded(last) && !isFileDeleted(last) ? last : undefined);
    if (known) return { file: await sentAgain(known, deps), isReplay: true };
    const planned = await planRetry(file, deps);
    // One that was claimed and not made is made now: its worker may have crashed.
    const unmade = last ? null : file.retriedAs;
    const claimed = unmade ?? (await claim(file, keyed, deps));
    if (claimed !== undefined) return { file: await begin(planned(claimed), file, deps), isReplay: false };
  }
  throw new ConflictError(`file ${id} was retried by others meanwhile; ask again`);
};

/** Requests for one file that may come at the same moment. */
const MAX_TURNS = 10;

const retryId = (...parts: string[]): string => derivedRunId('retry', ...parts).replace('run_', 'file_');

const find = async (
  id: string | null | undefined,
  { files }: Pick<RetryFileDeps, 'files'>,
): Promise<PromptFile | undefined> => (id ? files.get(id) : undefined);

/** Claims the id of the next retry; undefined if another request was faster. */
const claim = async (
  { id, retriedAs }: PromptFile,
  keyed: string | undefined,
  { files }: Pick<RetryFileDeps, 'files'>,
): Promise<string | undefined> => {
  const next = keyed ?? retryId(id, 'after', retriedAs ?? '');
  return (await files.change(id, { retriedAs: next }, { status: ENDED, retriedAs })) && next;
};

const ENDED = FILE_STATUSES.filter((status) => hasFileEnded({ status }));

/** Checks that the file's object is there and that no other file of its key is under way, and plans the retry. */
const planRetry = async (file: PromptFile, deps: RetryFileDeps): Promise<(id: string) => PromptFile> => {
  const { id, caller, key, lineKey, openaiBatch } = file;
  const [found, newestId] = await Promise.all([deps.findSource(key), deps.files.newest(key)]);
  if (!found)
    throw new ConflictError(
      `the object of file ${id} is no longer in the bucket; upload the file again, which retries it`,
    );
  const newest = newestId === undefined ? undefined : await deps.files.get(newestId);
  if (newest && !hasFileEnded(newest) && !isFileDeleted(newest))
    throw new ConflictError(
      `a later version of file ${id} is under way, ${newest.id}; retry that one once it has ended`,
    );
  const now = deps.clock.now();
  return (retry) =>
    newFile({
      id: retry,
      caller,
      key,
      lineKey,
      openaiBatch,
      ...found,
      sequencer: justAfter(newest ?? file),
      createdAt: new Date(now).toISOString(),
      dueAt: now + FILE_DUE.messageSent,
      retryOf: id,
      rerunAs: file.rerunAs ?? id,
    });
};

/** A sequencer after this one and before that of any later upload: S3's have fewer characters than this adds one to. */
const justAfter = ({ sequencer }: Pick<PromptFile, 'sequencer'>): string => `${sequencerOrder(sequencer)}1`;

const begin = async (retry: PromptFile, of: PromptFile, deps: RetryFileDeps): Promise<PromptFile> => {
  const defaults = await readDefaults(of, deps.content);
  // Before the file: its reader must see them.
  if (defaults !== undefined) await deps.content.put(sidecarCopyKey(retry.id), defaults, 'application/json');
  const file = { ...retry, hasSidecar: defaults !== undefined };
  const isNew = await deps.files.create(file);
  if (isNew) deps.log.info('file.retried', { file_id: file.id, retry_of: of.id });
  return sentAgain(isNew ? file : ((await deps.files.get(file.id)) ?? file), deps);
};

/** Messages intake for a file that no worker has begun to read; if this fails, the sweep does. */
const sentAgain = async (file: PromptFile, { fileQueue, log }: RetryFileDeps): Promise<PromptFile> => {
  if (file.status !== 'reading' || file.lease) return file;
  try {
    await fileQueue.send({ type: 'file', file_id: file.id });
  } catch (error) {
    log.warn('file.retry_delayed', { file_id: file.id, ...errorFields(error) });
  }
  return file;
};
