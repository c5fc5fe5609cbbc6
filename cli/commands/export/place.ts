import type { ApiContext } from '../../api-command.ts';
import { requireReplaceable } from '../../replaceable.ts';

/** How an export begins: as CSV, as JSON Lines, as Parquet. */
const BEGINNINGS = ['run_id,', '{"run_id":', 'PAR1'];

/**
 * Checks that an export can be written. An earlier one that is there is replaced; any other file with `force`, or when
 * the person says so.
 *
 * @throws {CommandError}
 */
export const requirePlace = (
  path: string,
  { force, signal }: { force: boolean | undefined } & Pick<ApiContext, 'signal'>,
): Promise<void> =>
  requireReplaceable(path, {
    named: '--out',
    isOwn: (found) => BEGINNINGS.some((beginning) => found.startsWith(beginning)),
    bytes: 16,
    unlike: ', and is no export',
    force,
    signal,
  });
