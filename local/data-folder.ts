import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StackError } from './stack-error.ts';

/** Of the layout of a data folder; one of another version is neither read nor changed. */
export const DATA_VERSION = 1;

/**
 * Makes a data folder ready: creates it, or checks that it is one of ours and can be written. Throws `StackError`
 * that says what to do.
 */
export const openDataFolder = (folder: string): void => {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, '.writable'), '');
    rmSync(join(folder, '.writable'));
  } catch (error) {
    throw new StackError(
      `the data folder ${folder} cannot be written (${codeOf(error)}): set EVERYTOKEN_DATA_DIR to a folder that can`,
    );
  }
  const version = readVersion(folder);
  if (version === undefined) writeWhole(join(folder, 'version.json'), { version: DATA_VERSION });
  else if (version !== DATA_VERSION) {
    throw new StackError(
      `the data folder ${folder} is of version ${version}, this everytoken reads ${DATA_VERSION}: ` +
        'set EVERYTOKEN_DATA_DIR to another folder, or move this one away',
    );
  }
};

const readVersion = (folder: string): unknown => {
  try {
    return JSON.parse(readFileSync(join(folder, 'version.json'), 'utf8')).version;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    return 'unknown';
  }
};

/**
 * Makes the data folder and holds it for this stack alone, until released or the process ends, however it ends.
 *
 * @throws Error when the folder cannot be written to, or another stack has it.
 */
export const holdDataFolder = (folder: string): { close: () => Promise<void> } => {
  let lock: DatabaseSync;
  try {
    mkdirSync(folder, { recursive: true });
    lock = new DatabaseSync(join(folder, 'in-use'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot write to the data folder ${folder} (${reason}): choose another one`, { cause });
  }
  try {
    lock.exec('BEGIN EXCLUSIVE'); // the system drops a file lock with its process, after kill -9 too
  } catch (cause) {
    lock.close();
    throw new Error(
      `The data folder ${folder} is in use by another stack: stop that one, or choose another folder`,
      { cause },
    );
  }
  return { close: async () => lock.close() };
};

/** Renamed into place, so that nobody reads half of it. */
export const writeWhole = (file: string, value: unknown): void => {
  writeFileSync(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(`${file}.new`, file);
};

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unreadable';
