import { CommandError } from '../../command.ts';
import { beginningOf, requireWritable } from '../../whole-file.ts';

/** How an export begins: as CSV, as JSON Lines, as Parquet. */
const BEGINNINGS = ['run_id,', '{"run_id":', 'PAR1'];

/**
 * Checks that an export can be written. An earlier one that is there is replaced, and no other file.
 *
 * @throws {CommandError}
 */
export const requirePlace = async (path: string): Promise<void> => {
  await requireWritable(path, '--out');
  const found = await beginningOf(path, 16);
  if (found && !BEGINNINGS.some((beginning) => found.startsWith(beginning)))
    throw new CommandError(`--out ${path}: it is there, and no export; give another path, or remove it`);
};
