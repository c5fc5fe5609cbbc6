import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { holdDataFolder, ID_FILE } from '../../local/data-folder.ts';
import { StackError } from '../../local/stack-error.ts';

export const DEMO_FOLDER = '.everytoken-demo';

/** Marks a data folder as the demo's own, which may be emptied. The folder of `npm start` has no such file. */
const MARK = 'emptied-by-the-demo';

/**
 * Creates or empties the demo's data folder. It empties only a folder that the demo created. `isDefault`: `folder` is
 * the default one, which needs no mark.
 *
 * @throws {StackError} with the remedy, when the folder holds other data, is in use, or cannot be written
 */
export const emptyDemoFolder = (folder: string, isDefault: boolean): void => {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const entries = readdirSync(folder);
    const isOurs = entries.includes(MARK) || (isDefault && entries.includes('version.json'));
    if (entries.length > 0 && !isOurs) {
      throw new StackError(
        `the demo empties its data folder, but ${folder} holds other data: ` +
          'set EVERYTOKEN_DATA_DIR to a new folder, or unset it',
      );
    }
    if (isOurs) empty(folder);
    writeFileSync(join(folder, MARK), '');
  } catch (error) {
    if (error instanceof StackError) throw error;
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new StackError(
      `the data folder ${folder} cannot be emptied (${code}): set EVERYTOKEN_DATA_DIR to a folder that can`,
    );
  }
};

const empty = (folder: string): void => {
  if (existsSync(join(folder, 'version.json'))) assertUnused(folder);
  for (const entry of readdirSync(folder)) {
    // The id stays, so that demos on a Pinecone of the user's own do not take up a namespace each.
    if (entry !== ID_FILE && entry !== MARK) rmSync(join(folder, entry), { recursive: true, force: true });
  }
};

/** Throws if a stack uses the folder: takes its lock and releases it at once. */
const assertUnused = (folder: string): void => {
  try {
    void holdDataFolder(folder).close();
  } catch (error) {
    if (!/in use/.test((error as Error).message)) throw error;
    throw new StackError(
      `the data folder ${folder} is in use by another stack: stop it, or set EVERYTOKEN_DATA_DIR`,
    );
  }
};
