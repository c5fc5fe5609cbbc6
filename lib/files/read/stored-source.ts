import { codeOf } from '../../errors.ts';
import type { ContentStore } from '../../runs/ports.ts';
import { sidecarKeyOf } from '../formats/format-of-key.ts';
import type { PromptFile } from '../prompt-file.ts';
import { uploadIdOf } from '../upload.ts';
import { sidecarCopyKey } from './progress.ts';

/** Finds the present version of an object in the bucket; undefined when there is none. */
export type FindSource = (key: string) => Promise<{ etag: string; size: number } | undefined>;

const MAX_SIDECAR_BYTES = 1024 * 1024;

/** Reads a prompt file's sidecar, if any. Of one that is too large it reads just enough for it to be refused. */
export const readSidecar = async (
  key: string,
  content: Pick<ContentStore, 'get'>,
): Promise<string | undefined> => {
  try {
    return await content.get(sidecarKeyOf(key), { start: 0, end: MAX_SIDECAR_BYTES + 1 });
  } catch (error) {
    if (codeOf(error) === 'missing_object') return undefined;
    throw error;
  }
};

/** The text of a stored file's defaults, if any: an upload's came with POST /files, those of any other file are beside it. */
export const readDefaults = async (
  { id, key, hasSidecar }: Pick<PromptFile, 'id' | 'key' | 'hasSidecar'>,
  content: Pick<ContentStore, 'get'>,
): Promise<string | undefined> => {
  if (uploadIdOf(key) === undefined) return readSidecar(key, content);
  return hasSidecar ? content.get(sidecarCopyKey(id)) : undefined;
};
