import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { holdDataFolder } from '../../local/data-folder.ts';
import { StackError } from '../../local/stack-error.ts';

export const DEMO_FOLDER = '.everytoken-demo';

/** Tells that a data folder is the demo's own, and so may be emptied: that of `npm start` has none. */
const MARK = 'emptied-by-the-demo';

/**
 * Empties the demo's data folder, or makes it. Only a folder that the demo made is emptied; any other that holds
 * something is left as it is. Throws `StackError` that says what to do.
 */
export const emptyDemoFolder = (folder: string, isDefault: boolean): void => {
  try {
    mkdirSync(folder, { recursive: true });
    const entries = readdirSync(folder);
    const isOurs = entries.includes(MARK) || (isDefault && entries.includes('version.json'));
    if (entries.length > 0 && !isOurs) {
      throw new StackError(
        `the demo empties its data folder, and ${folder} holds what is not the demo's: ` +
          'set EVERYTOKEN_DATA_DIR to a new folder, or leave it out',
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
  for (const entry of readdirSync(folder)) rmSync(join(folder, entry), { recursive: true, force: true });
};

/** Held as a stack holds it, for a moment. */
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
