import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

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
