import type { Clock } from '../../async/clock.ts';
import { uploadIdOf } from '../create-upload.ts';
import { FILE_DUE } from '../limits.ts';
import type { FileStore } from '../ports.ts';
import type { PromptFile } from '../prompt-file.ts';
import type { CreatedObject } from './intake-deps.ts';

/**
 * The FILE that POST /files announced and that waited for this object, now to be read; the same FILE for the event
 * come again; `cancelled` when nobody wants the object any more. `undefined` for an object that nobody announced, or
 * that replaces an uploaded one: a file like any other.
 */
export const receiveUpload = async (
  object: Pick<CreatedObject, 'key' | 'etag' | 'size' | 'sequencer'>,
  { files, clock }: { files: FileStore; clock: Clock },
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
    // Another worker was faster, or it was cancelled just now.
    return received ?? receiveUpload(object, { files, clock });
  }
  if (file.status === 'cancelled' && file.etag === '') return 'cancelled';
  return file.etag === etag ? file : undefined;
};

/** Ends a FILE that waits for its object: by its caller, or since its upload's time is over. Undefined: it came. */
export const cancelUpload = async (
  { id }: Pick<PromptFile, 'id'>,
  error: { code: 'cancelled' | 'not_uploaded'; message: string },
  { files, clock }: { files: Pick<FileStore, 'change'>; clock: Pick<Clock, 'now'> },
): Promise<PromptFile | undefined> =>
  files.change(
    id,
    {
      status: 'cancelled',
      error,
      endedAt: new Date(clock.now()).toISOString(),
      dueAt: null,
      dueTries: 0,
    },
    { status: ['awaiting_upload'] },
  );
