import { EverytokenError } from '../../errors.ts';
import type { PromptFile } from '../prompt-file.ts';

/**
 * Bytes of a source, `end` not included, of exactly that ETag: as they come, or whole. Throws `NotFoundError`
 * (`source_gone`, final) when the object is gone or was overwritten, and `UpstreamError` (`unreadable`, final) when it
 * may not be read.
 */
export type ReadSource = (
  key: string,
  etag: string,
  range: { start: number; end: number },
) => Promise<AsyncIterable<Uint8Array> | Uint8Array>;

const TRIES = 3;

/**
 * A file's bytes from `start` on, as they come, asked for `readBytes` at a time. A connection that breaks is made up
 * for where it broke.
 */
export const sourceChunks = async function* (
  { key, etag, size }: Pick<PromptFile, 'key' | 'etag' | 'size'>,
  readSource: ReadSource,
  { start, readBytes }: { start: number; readBytes: number },
): AsyncGenerator<Uint8Array> {
  let at = start;
  let failures = 0;
  // An empty object has no range that could be asked for.
  while (at < size) {
    const range = { start: at, end: Math.min(size, at + readBytes) };
    const body = await readSource(key, etag, range);
    try {
      for await (const chunk of body instanceof Uint8Array ? [body] : body) {
        at += chunk.length;
        yield chunk;
      }
      // What ends early would otherwise be asked for again without end.
      if (at < range.end) throw new Error('the source ended before its end');
      failures = 0;
    } catch (error) {
      failures += 1;
      if (error instanceof EverytokenError || failures >= TRIES) throw error;
    }
  }
};
