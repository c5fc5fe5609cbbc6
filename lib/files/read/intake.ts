import { sha256Hex } from '../../json/canonical-json.ts';
import { derivedRunId } from '../../runs/keys.ts';
import { formatOfKey } from '../formats/format-of-key.ts';
import { FILE_DUE } from '../limits.ts';
import { callerOfKey, isFileDeleted, newFile, type PromptFile, sequencerOrder } from '../prompt-file.ts';
import { publishNewest } from '../results/end-file.ts';
import { cancelUpload, isKeyDisabled, KEY_DISABLED, uploadIdOf } from '../upload.ts';
import { sidecarCopyKey } from './progress.ts';
import { type ReadFileDeps, readFile } from './read-file.ts';
import { readSidecar } from './stored-source.ts';

/** An object created in the bucket. `sequencer` orders the events of one key. */
export type CreatedObject = { bucket: string; key: string; etag: string; size: number; sequencer: string };

/**
 * Takes in a prompt file: creates its file item, reads its lines into blocks, then sends jobs. Safe to repeat. A file
 * that cannot be read as prompts gets its error as its result at once. Objects that are not prompt files are logged and
 * left alone.
 */
export const intakeObject = async (object: CreatedObject, deps: ReadFileDeps): Promise<void> => {
  const format = formatOfKey(object.key);
  if (!object.key.startsWith('prompts/') || format === undefined || format === 'defaults') {
    deps.log.info('file.ignored', { reason: 'not_a_prompt_file' });
    return;
  }
  const uploaded = await receiveUpload(object, deps);
  const file = uploaded ?? (await acceptObject(object, deps));
  if (typeof file === 'string' || isFileDeleted(file)) {
    deps.log.info('file.ignored', { reason: typeof file === 'string' ? file : 'deleted' });
    return;
  }
  const isNewest = await deps.files.noteNewest(object.key, object.sequencer, file.id);
  if (file.status === 'reading') await readFile(file, deps);
  // An earlier content of the key was uploaded again: publish its results again as those of the key.
  else if (isNewest && file.status !== 'generating') await publishNewest(file, deps);
};

/**
 * Finds the file that POST /files created for this object and sets it to `reading`; a repeated event finds the same
 * file. Returns `cancelled` when its caller cancelled it or the upload came too late, `deleted` when it was deleted, and
 * `key_disabled` when the API key of that POST was disabled before the upload. Returns undefined when no POST created it, or when the object
 * replaces an uploaded one: it is then a file like any other.
 */
const receiveUpload = async (
  object: CreatedObject,
  deps: Pick<ReadFileDeps, 'files' | 'content' | 'keys' | 'clock'>,
): Promise<PromptFile | 'cancelled' | 'deleted' | 'key_disabled' | undefined> => {
  const { files, content, clock } = deps;
  const { key, etag, size, sequencer } = object;
  const id = uploadIdOf(key);
  const file = id === undefined ? undefined : await files.get(id);
  if (file && isFileDeleted(file)) {
    // The URL outlives the file. An object that it brings after the deletion is deleted, too.
    if ([file.id, undefined].includes(await files.newest(key))) await content.delete([key]);
    return 'deleted';
  }
  if (file?.key !== key) return undefined;
  if (file.status === 'cancelled' && file.etag === '') return 'cancelled';
  if (file.etag === etag) return file;
  // The URL outlives the key, and what is uploaded with it must not be generated, be it the first upload or a later one.
  if (await isKeyDisabled(file, deps)) {
    await cancelUpload(file, KEY_DISABLED, deps);
    return 'key_disabled';
  }
  if (file.status === 'awaiting_upload') {
    const received = await files.change(
      file.id,
      { status: 'reading', etag, size, sequencer, dueAt: clock.now() + FILE_DUE.underWay, dueTries: 0 },
      { status: ['awaiting_upload'] },
    );
    // Another worker was faster, or the caller has just cancelled it: look again.
    return received ?? receiveUpload(object, deps);
  }
  return undefined;
};

/** Finds or creates the file of an object that was put into the bucket, and reads its sidecar (`.defaults.json`). */
const acceptObject = async (object: CreatedObject, deps: ReadFileDeps): Promise<PromptFile> => {
  const sidecar = await readSidecar(object.key, deps.content);
  const { file, isNew } = await createFile(object, fileIdOf(object, sidecar), sidecar, deps);
  if (isNew) return file;
  if (isSourceBack(file, object)) return readAgain(file, object, deps);
  if (!shouldRerun(file, object)) return file;
  const again = await createFile(object, fileIdOf(object, sidecar, object.sequencer), sidecar, deps);
  return again.file;
};

const createFile = async (
  object: CreatedObject,
  id: string,
  sidecar: string | undefined,
  { files, content, clock }: ReadFileDeps,
): Promise<{ file: PromptFile; isNew: boolean }> => {
  // Copy the sidecar: reading may resume in another invocation and must see the same defaults. A file that is there has
  // its copy, unless it was deleted.
  const known = sidecar === undefined ? undefined : await files.get(id);
  if (known) return { file: known, isNew: false };
  if (sidecar !== undefined) await content.put(sidecarCopyKey(id), sidecar, 'application/json');
  // Content that replaces an upload shares its lines with later uploads of the same name.
  const uploadId = uploadIdOf(object.key);
  const upload = uploadId === undefined ? undefined : await files.get(uploadId);
  const now = clock.now();
  const file = newFile({
    id,
    caller: callerOfKey(object.key),
    key: object.key,
    lineKey: upload?.key === object.key ? upload.lineKey : null,
    etag: object.etag,
    sequencer: object.sequencer,
    size: object.size,
    createdAt: new Date(now).toISOString(),
    hasSidecar: sidecar !== undefined,
    dueAt: now + FILE_DUE.underWay,
  });
  if (await files.create(file)) return { file, isNew: true };
  return { file: (await files.get(id)) ?? file, isNew: false };
};

/**
 * Whether the same content was uploaded again, for a file that has `rerun` set, was cancelled or deleted, or has lines to
 * retry. An
 * event delivered twice has the same sequencer and does not count.
 */
const shouldRerun = ({ rerun, status, error, sequencer }: PromptFile, object: CreatedObject): boolean =>
  (rerun ||
    status === 'completed_with_errors' ||
    status === 'cancelled' ||
    isFileDeleted({ status }) ||
    error?.code === 'attempts_exhausted') &&
  sequencerOrder(sequencer) < sequencerOrder(object.sequencer);

/** Whether the object, gone when its event was handled, was uploaded again since. */
const isSourceBack = ({ status, error, sequencer }: PromptFile, object: CreatedObject): boolean =>
  status === 'failed' &&
  error?.code === 'source_gone' &&
  sequencerOrder(sequencer) < sequencerOrder(object.sequencer);

const readAgain = async (
  file: PromptFile,
  { sequencer }: CreatedObject,
  { files, clock }: ReadFileDeps,
): Promise<PromptFile> => {
  const due = { dueAt: clock.now() + FILE_DUE.underWay, dueTries: 0 };
  const fresh = {
    status: 'reading',
    sequencer,
    error: null,
    endedAt: null,
    pending: false,
    attempts: 0,
    ...due,
  } as const;
  return (await files.change(file.id, fresh, { status: ['failed'] })) ?? file;
};

/**
 * Derives a file's id from its key, its content (ETag) and the sidecar beside it. `rerun` is the sequencer of the
 * upload that asked to generate the same content again.
 */
export const fileIdOf = (
  { bucket, key, etag }: Pick<CreatedObject, 'bucket' | 'key' | 'etag'>,
  sidecar?: string,
  rerun?: string,
): string => {
  const parts = [
    ...(sidecar === undefined ? [] : [sha256Hex(sidecar)]),
    ...(rerun === undefined ? [] : ['rerun', rerun]),
  ];
  return derivedRunId('file', bucket, key, etag, ...parts).replace('run_', 'file_');
};
