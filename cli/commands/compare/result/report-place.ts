import { CommandError } from '../../../command.ts';
import { beginningOf, requireWritable } from '../../../whole-file.ts';

const REPORT = '<!doctype html>';

/**
 * Checks that a report can be written, before anything is paid. A report that is there is replaced, and no other file.
 *
 * @throws {CommandError}
 */
export const requirePlace = async (path: string | undefined): Promise<void> => {
  if (path === undefined) return;
  await requireWritable(path, '--html');
  const found = await beginningOf(path, REPORT.length);
  if (found && found.toLowerCase() !== REPORT)
    throw new CommandError(`--html ${path}: it is there, and no report; give another path, or remove it`);
};
