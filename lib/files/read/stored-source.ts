import { codeOf } from '../../errors.ts';
import type { ContentStore } from '../../runs/ports.ts';
import { sidecarKeyOf } from '../formats/format-of-key.ts';

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
