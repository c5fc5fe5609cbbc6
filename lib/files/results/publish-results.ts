import { codeOf } from '../../errors.ts';
import { errorFields } from '../../observe/log.ts';
import type { ContentStore } from '../../runs/ports.ts';
import type { PromptFile } from '../prompt-file.ts';
import type { AssembleDeps } from './assemble-deps.ts';
import { contentTypeOf, isLongKey, resultKey, SUFFIXES } from './results.ts';

type PublishDeps = Pick<AssembleDeps, 'files' | 'content' | 'log'>;

/** `results/{key}…` shows the newest file's results; an older file that ends later leaves them alone. */
export const publishNewest = async (
  { id, key }: Pick<PromptFile, 'id' | 'key'>,
  { files, content, log }: PublishDeps,
): Promise<void> => {
  if (isLongKey(key)) return;
  let published: string | undefined;
  let newest = await files.newest(key);
  if (newest !== id) return;
  // A newer file may have published its results while these were written over them: then its own come back.
  while (newest !== undefined && newest !== published) {
    try {
      await publish(key, newest, content);
    } catch (error) {
      // Its own results are there, under its id: they are only not shown under the key alone.
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
    if (written.includes(from)) await content.copy(from, `results/${key}${suffix}`, contentTypeOf(suffix));
  }
};

/** Sends FileCompleted and clears it; a crash in between sends the same event again. */
export const emitFileCompleted = async (
  file: PromptFile,
  { files, bus, bucket, log }: Pick<AssembleDeps, 'files' | 'bus' | 'bucket' | 'log'>,
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
