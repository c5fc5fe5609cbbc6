import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CommandError } from '../../../command.ts';

/**
 * Checks that a report can be written, before anything is paid. A report that is there is replaced.
 *
 * @throws {CommandError}
 */
export const requirePlace = async (path: string | undefined): Promise<void> => {
  if (path === undefined) return;
  const found = await stat(path).catch(() => undefined);
  if (found && !found.isFile()) throw new CommandError(`--html ${path}: it is no file; give the path of one`);
  try {
    await access(found ? path : dirname(path), constants.W_OK);
  } catch {
    throw new CommandError(`--html ${path}: it cannot be written; give a path in a folder of yours`);
  }
};
