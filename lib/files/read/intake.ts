import { codeOf } from '../../errors.ts';
import { sha256Hex } from '../../json/canonical-json.ts';
import { derivedRunId } from '../../runs/keys.ts';
import type { ContentStore } from '../../runs/ports.ts';
import { formatOfKey, sidecarKeyOf } from '../formats/format-of-key.ts';
import { FILE_DUE } from '../limits.ts';
import { callerOfKey, newFile, type PromptFile, sequencerOrder } from '../prompt-file.ts';
import { publishNewest } from '../results/end-file.ts';
import { uploadIdOf } from '../upload.ts';
import { sidecarCopyKey } from './progress.ts';
import { type ReadFileDeps, readFile } from './read-file.ts';

/** An object that was created under `prompts/`. */
export type CreatedObject = { bucket: string; key: string; etag: string; size: number; sequencer: string };

const MAX_SIDECAR_BYTES = 1024 * 1024;

/**
 * Takes a prompt file in: FILE, its lines, its BLOCKs, then its jobs; each step can be repeated. A file that cannot
 * be read as prompts gets its result at once. What is no prompt file is counted and left alone.
 */
export const intakeObject = async (object: CreatedObject, deps: ReadFileDeps): Promise<void> => {
  const format = formatOfKey(object.key);
  if (!object.key.startsWith('prompts/') || format === undefined || format === 'defaults') {
    deps.log.info('file.ignored', { reason: 'not_a_prompt_file' });
    return;
  }
  const uploaded = await receiveUpload(object, deps);
  if (uploaded === 'cancelled') {
    deps.log.info('file.ignored', { reason: 'cancelled' });
    return;
  }
  const file = uploaded ?? (await acceptObject(object, deps));
  const isNewest = await deps.files.noteNewest(object.key, object.sequencer, file.id);
  if (file.status === 'reading') await readFile(file, deps);
  // The same content came back after another one: its results are this key's again.
  else if (isNewest && file.status !== 'generating') await publishNewest(file, deps);
};

/**
 * Finds the file that POST /files announced for this object and sets it to `reading`; a repeated event finds the same
 * file. `cancelled`: its caller cancelled it, or the upload came too late. `undefined`: the object was not announced,
 * or replaces an uploaded one, so it is a file like any other.
 */
const receiveUpload = async (
  object: CreatedObject,
  { files, clock }: Pick<ReadFileDeps, 'files' | 'clock'>,
): Promise<PromptFile | 'cancelled' | undefined> => {
  const { key, etag, size, sequencer } = object;
  const id = uploadIdOf(key);
  const file = id === undefined ? undefined : await files.get(id);
  if (file?.key !== key) return undefined;
  if (file.status === 'awaiting_upload') {
    const received = await files.change(
      file.id,
      { status: 'reading', etag, size, sequencer, dueAt: clock.now() + FILE_DUE.underWay, dueTries: 0 },
      { status: ['awaiting_upload'] },
    );
    // Another worker was faster, or the caller has just cancelled it.
    return received ?? receiveUpload(object, { files, clock });
  }
  if (file.status === 'cancelled' && file.etag === '') return 'cancelled';
  return file.etag === etag ? file : undefined;
};

/** Finds or creates the file of an object that was put into the bucket, with the sidecar beside it. */
const acceptObject = async (object: CreatedObject, deps: ReadFileDeps): Promise<PromptFile> => {
  const sidecar = await readSidecar(object.key, deps.content);
  const { file, isNew } = await createFile(object, fileIdOf(object, sidecar), sidecar, deps);
  if (isNew) return file;
  if (isBack(file, object)) return readAgain(file, object, deps);
  if (!asksToRerun(file, object)) return file;
  const again = await createFile(object, fileIdOf(object, sidecar, object.sequencer), sidecar, deps);
  return again.file;
};

const createFile = async (
  object: CreatedObject,
  id: string,
  sidecar: string | undefined,
  { files, content, clock }: ReadFileDeps,
): Promise<{ file: PromptFile; isNew: boolean }> => {
  // Kept as it is now: reading may go on later, and must find the same.
  if (sidecar !== undefined) await content.put(sidecarCopyKey(id), sidecar, 'application/json');
  const now = clock.now();
  const file = newFile({
    id,
    caller: callerOfKey(object.key),
    key: object.key,
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
 * The very same content, put there anew, of a file that says `rerun` or that has lines to be tried again; an event that
 * comes twice is not that.
 */
const asksToRerun = ({ rerun, status, sequencer }: PromptFile, object: CreatedObject): boolean =>
  (rerun || status === 'completed_with_errors') &&
  sequencerOrder(sequencer) < sequencerOrder(object.sequencer);

/** Whether a content that was gone when its event was handled has been put there again since. */
const isBack = ({ status, error, sequencer }: PromptFile, object: CreatedObject): boolean =>
  status === 'failed' &&
  error?.code === 'source_gone' &&
  sequencerOrder(sequencer) < sequencerOrder(object.sequencer);

const readAgain = async (
  file: PromptFile,
  { sequencer }: CreatedObject,
  { files, clock }: ReadFileDeps,
): Promise<PromptFile> => {
  const due = { dueAt: clock.now() + FILE_DUE.underWay, dueTries: 0 };
  const fresh = { status: 'reading', sequencer, error: null, endedAt: null, pending: false, ...due } as const;
  return (await files.change(file.id, fresh, { status: ['failed'] })) ?? file;
};

/** A file is one content of a key, together with the sidecar that lay beside it, and the event that made it run again. */
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

/** What lies beside a prompt file, if anything; of one that is too large only enough to be refused. */
const readSidecar = async (key: string, content: ContentStore): Promise<string | undefined> => {
  try {
    return await content.get(sidecarKeyOf(key), { start: 0, end: MAX_SIDECAR_BYTES + 1 });
  } catch (error) {
    if (codeOf(error) === 'missing_object') return undefined;
    throw error;
  }
};
