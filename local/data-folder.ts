import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isMainThread } from 'node:worker_threads';
import { StackError } from './stack-error.ts';

/**
 * The version of a data folder. A folder of another version is neither read nor changed, except one of version 1, whose
 * table lists runs by an index: it is upgraded, and the everytoken of before refuses it from then on.
 */
export const DATA_VERSION = 2;
const UPGRADED_VERSION = 1;

/** Permissions of all others than the owner. */
const OTHERS = 0o077;
const STICKY = 0o1000;

/**
 * Lets this process and its children create files that their owner alone may read. Worker threads, as those of tests,
 * share their process's mask and cannot set it.
 */
export const keepFilesPrivate = (): void => {
  if (isMainThread) process.umask(OTHERS);
};

/** The entries that a stack makes in its folder. Any other is not its own to change. */
const OWN_ENTRIES = [
  ...['aws', 'openai', 'pinecone', 'drop', 'results', 'in-use', 'version.json', 'id.json'],
  ...['stack.json', 'stack.log', 'demo.log', 'emptied-by-the-demo'],
];

/** Takes a file's or folder's permissions for others away, and follows no link. */
const makePrivate = (path: string): void => {
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) return;
  if (stats.mode & OTHERS) chmodSync(path, stats.mode & 0o700);
  if (stats.isDirectory()) for (const name of readdirSync(path)) makePrivate(join(path, name));
};

const OWN_FOLDER = 'set EVERYTOKEN_DATA_DIR to a folder of your own';

/** @throws {StackError} for a folder that users share on purpose, such as /tmp: it must not be closed to others. */
const refuseShared = (folder: string): void => {
  if (statSync(folder).mode & STICKY)
    throw new StackError(`the data folder ${folder} is shared with other users: ${OWN_FOLDER}`);
};

/**
 * Takes from others what permissions they have on the folder and on what earlier versions put into it.
 *
 * @throws {StackError} for a folder of another user's.
 */
const closeFolder = (folder: string): void => {
  try {
    const { mode } = statSync(folder);
    if (mode & OTHERS) chmodSync(folder, mode & 0o700);
    const entries = readdirSync(folder);
    for (const name of OWN_ENTRIES) if (entries.includes(name)) makePrivate(join(folder, name));
  } catch (error) {
    throw new StackError(
      `the data folder ${folder} cannot be closed to others (${codeOf(error)}): ${OWN_FOLDER}`,
    );
  }
};

/** The file with the folder's id. */
export const ID_FILE = 'id.json';

/**
 * Creates a data folder, or checks that an existing one is writable and of this version. Only its owner may read it.
 *
 * @throws {StackError} when it is not; the message says what to do.
 */
export const openDataFolder = (folder: string): void => {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    refuseShared(folder);
    // A name that nobody foresees, and `wx` opens neither a link nor an existing file.
    const probe = join(folder, `.writable-${randomBytes(8).toString('hex')}`);
    writeFileSync(probe, '', { flag: 'wx', mode: 0o600 });
    rmSync(probe);
  } catch (error) {
    if (error instanceof StackError) throw error;
    throw new StackError(
      `the data folder ${folder} cannot be written (${codeOf(error)}): set EVERYTOKEN_DATA_DIR to a folder that can`,
    );
  }
  const version = readVersion(folder);
  if (version === undefined) markVersion(folder);
  else if (typeof version === 'number' && version > DATA_VERSION) {
    throw new StackError(
      `the data folder ${folder} was written by a newer version of everytoken: update, or set EVERYTOKEN_DATA_DIR to another folder`,
    );
  } else if (version !== DATA_VERSION && version !== UPGRADED_VERSION) {
    throw new StackError(
      `the data folder ${folder} is of version ${version}, this everytoken reads ${DATA_VERSION}: ` +
        'set EVERYTOKEN_DATA_DIR to another folder, or move this one away',
    );
  }
  closeFolder(folder);
};

/** Marks a folder that this process holds as one of this version. */
export const markVersion = (folder: string): void =>
  writeWhole(join(folder, 'version.json'), { version: DATA_VERSION });

const readVersion = (folder: string): unknown => {
  try {
    return JSON.parse(readFileSync(join(folder, 'version.json'), 'utf8')).version;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    return 'unknown';
  }
};

/**
 * Creates the data folder if need be and locks it for this stack, until `close` or the end of the process, kill -9
 * included.
 *
 * @throws {Error} when the folder cannot be written or another stack holds it.
 */
export const holdDataFolder = (folder: string): { close: () => Promise<void> } => {
  let lock: DatabaseSync;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    lock = new DatabaseSync(join(folder, 'in-use'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot write to the data folder ${folder} (${reason}): choose another one`, { cause });
  }
  try {
    lock.exec('BEGIN EXCLUSIVE'); // the system releases a file lock with its process, even after kill -9
  } catch (cause) {
    lock.close();
    throw new Error(
      `The data folder ${folder} is in use by another stack: stop that one, or choose another folder`,
      { cause },
    );
  }
  return { close: async () => lock.close() };
};

/**
 * The folder's own id, made at the first call and kept in it: two stacks that share a Pinecone never have the same one.
 * Call it while the folder is held.
 *
 * @throws {StackError} when the file with the id was damaged.
 */
export const dataFolderId = (folder: string): string => {
  const file = join(folder, ID_FILE);
  try {
    const { id } = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof id === 'string' && /^local-[0-9a-f]{16}$/.test(id)) return id;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      const id = `local-${randomBytes(8).toString('hex')}`;
      writeWhole(file, { id });
      return id;
    }
  }
  throw new StackError(
    `${file} does not hold the data folder's id: restore the file, or delete it for a new id, ` +
      'under which npx everytoken audit --repair embeds all outputs again',
  );
};

/** Writes a JSON file and renames it into place, so that no reader sees half of it. */
export const writeWhole = (file: string, value: unknown): void => {
  writeFileSync(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
};

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unreadable';
