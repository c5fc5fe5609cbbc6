import { createWriteStream } from 'node:fs';
import { access, constants, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CommandError } from './command.ts';
import { printableLine } from './terminal/printable.ts';

/**
 * Checks that a file can be written at `path`, before anything is paid. A pipe or a device is none: the finished file
 * takes the place of what is there.
 *
 * @param named the option that gave the path, such as `--out`
 * @throws {CommandError}
 */
export const requireWritable = async (path: string, named: string): Promise<void> => {
  const refuse = (why: string) => new CommandError(`${named} ${path}: ${why}`);
  const found = await stat(path).catch(({ code }: NodeJS.ErrnoException) => {
    if (code === 'ENOENT') return undefined;
    throw refuse(`it cannot be written (${code}); give another path`);
  });
  if (found && !found.isFile()) throw refuse('it is no file; give the path of one');
  try {
    const folder = dirname(await placeOf(path));
    if (!(await stat(folder)).isDirectory()) throw new Error('a file has no files in it');
    await access(folder, constants.W_OK);
  } catch {
    throw refuse('it cannot be written; give a path in a folder of yours');
  }
};

/** The first bytes of a file as text; undefined when there is none. */
export const beginningOf = async (path: string, bytes: number): Promise<string | undefined> => {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw failure(path, error);
  });
  if (file === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
};

/** Enough of a name to know it by: with more, that of the temporary file could be too long. */
const KNOWN_BY = 40;

/**
 * Writes a body to a temporary file beside `path`, which takes its name once it is whole. Returns the bytes.
 *
 * @throws {CommandError} when the disk does not take it
 */
export const writeWhole = async (
  path: string,
  body: AsyncIterable<Uint8Array> | null,
  { signal, onBytes }: { signal?: AbortSignal; onBytes?: ((bytes: number) => void) | undefined } = {},
): Promise<number> => {
  const place = await placeOf(path);
  const temporary = join(dirname(place), `.${basename(place).slice(0, KNOWN_BY)}.${process.pid}.part`);
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
    await rename(temporary, place);
  } catch (error) {
    await rm(temporary, { force: true });
    throw isOfDisk(error) ? failure(path, error) : error;
  }
  return bytes;
};

/** The file to which a symbolic link leads; the link stays. */
const placeOf = (path: string): Promise<string> => realpath(path).catch(() => path);

/** Whether an error is one of the file system. */
export const isOfDisk = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'errno' in error && !('address' in error);

/** An error of the file system with its remedy. */
export const failure = (path: string, error: NodeJS.ErrnoException): CommandError => {
  const isFull = error.code === 'ENOSPC' || error.code === 'EDQUOT';
  const remedy = isFull ? 'the disk is full; make room' : `${error.code}; give another path`;
  return new CommandError(`${printableLine(path)} cannot be written: ${remedy}`, { cause: error });
};
