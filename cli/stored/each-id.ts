import type { ApiContext } from '../api-command.ts';
import { ExitStatus } from '../exit-status.ts';
import { printableLine } from '../terminal/printable.ts';

/**
 * Does something with each id, one after another. A refusal by the API is told and does not keep the others from it.
 * Resolves to the exit status: 1 when all were refused, 3 when some were.
 */
export const forEachId = async (
  ids: readonly string[],
  act: (id: string) => Promise<void>,
  { note }: Pick<ApiContext, 'note'>,
): Promise<number> => {
  let refused = 0;
  for (const id of ids) {
    try {
      await act(id);
    } catch (error) {
      if (ids.length === 1 || (error as Error).name !== 'ApiError') throw error;
      refused += 1;
      note(`error: ${printableLine(id)}: ${printableLine((error as Error).message)}`);
    }
  }
  if (refused === 0) return ExitStatus.ok;
  return refused === ids.length ? ExitStatus.failed : ExitStatus.partlyFailed;
};
