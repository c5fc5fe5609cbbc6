import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Writes a body to a temporary file beside `path`, which takes its name once it is whole. Returns the bytes. */
export const writeWhole = async (
  path: string,
  body: AsyncIterable<Uint8Array> | null,
  { signal, onBytes }: { signal?: AbortSignal; onBytes?: ((bytes: number) => void) | undefined } = {},
): Promise<number> => {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  let bytes = 0;
  const counted = async function* () {
    for await (const chunk of body ?? []) {
      bytes += chunk.length;
      onBytes?.(bytes);
      yield chunk;
    }
  };
  try {
    await pipeline(Readable.from(counted()), createWriteStream(temporary, { flush: true }), {
      ...(signal && { signal }),
    });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return bytes;
};
