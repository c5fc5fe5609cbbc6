import { codeOf } from '../../errors.ts';
import { sha256Hex } from '../../json/canonical-json.ts';
import { derivedRunId } from '../../runs/keys.ts';
import type { ContentStore } from '../../runs/ports.ts';
import { formatOfKey, sidecarKeyOf } from '../formats/format-of-key.ts';
import { callerOfKey, newFile, type PromptFile, READING_DUE_MS, sequencerOrder } from '../prompt-file.ts';
import { publishNewest } from '../results/publish-results.ts';
import type { CreatedObject, IntakeDeps } from './intake-deps.ts';
import { readFile } from './read-file.ts';
import { sidecarCopyKey } from './reading-progress.ts';
import { receiveUpload } from './receive-upload.ts';

const MAX_SIDECAR_BYTES = 1024 * 1024;

/**
 * Takes a prompt file in: FILE, its lines, its BLOCKs, then its jobs; each step can be repeated. A file that cannot
 * be read as prompts gets its result at once. What is no prompt file is counted and left alone.
 */
export const intakeObject = async (object: CreatedObject, deps: IntakeDeps): Promise<void> => {
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

/** FILE for an object that was put into the bucket, with the sidecar that lies beside it. */
const acceptObject = async (object: CreatedObject, deps: IntakeDeps): Promise<PromptFile> => {
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
  { files, content, clock }: IntakeDeps,
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
    dueAt: now + READING_DUE_MS,
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
  { files, clock }: IntakeDeps,
): Promise<PromptFile> => {
  const due = { dueAt: clock.now() + READING_DUE_MS, dueTries: 0 };
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
