import { ApiError, ConnectionError, type PromptFile, TimeoutError } from '../../../../client/index.ts';
import { sleep } from '../../../../client/transport.ts';
import type { ApiContext } from '../../../api-command.ts';
import { CommandError } from '../../../command.ts';
import { fileLine } from './file-line.ts';

type Context = Pick<ApiContext, 'client' | 'errors' | 'again' | 'signal'>;

/** A look a second, and rarer ones while much time is left: a hundredth of it. */
const PAUSE_MS = { min: 1_000, max: 10_000 };
/** How long the API may be out of reach. The file goes on meanwhile. */
const LOST_MS = 300_000;

/**
 * Shows a file's progress until it has ended, and returns it then. A connection that is lost is tried again for some
 * minutes. On Ctrl-C it says that the file goes on, and how to see or stop it.
 *
 * @throws {CommandError} when the API stays out of reach
 */
export const followFile = async (
  id: string,
  { client, errors, again, signal }: Context,
): Promise<PromptFile> => {
  const live = errors.isLive ? errors.live() : undefined;
  let shown = '';
  let heardAt = performance.now();
  try {
    for (;;) {
      try {
        const file = await client.files.get(id, { signal });
        heardAt = performance.now();
        shown = fileLine(file, errors.width());
        live?.show([shown]);
        if (file.ended_at !== null) return file;
        await sleep(pauseOf(file), signal);
      } catch (error) {
        if (signal.aborted || !isOutOfReach(error)) throw error;
        if (performance.now() - heardAt > LOST_MS)
          throw new CommandError(
            `${(error as Error).message}; the file goes on: ${again(`file watch ${id}`)}`,
            {
              cause: error,
            },
          );
        live?.show([shown, errors.attention('the API is out of reach; trying again')]);
        await sleep(PAUSE_MS.min, signal);
      }
    }
  } catch (error) {
    if (signal.aborted) {
      // Behind the ^C of the terminal.
      if (live) errors.line();
      errors.line('the file goes on; see it, or stop it:');
      for (const action of ['watch', 'stop']) errors.line(`  ${again(`file ${action} ${id}`)}`);
    }
    throw error;
  }
};

const pauseOf = ({ seconds_left }: PromptFile): number =>
  Math.min(PAUSE_MS.max, Math.max(PAUSE_MS.min, ((seconds_left ?? 0) * 1_000) / 100));

const isOutOfReach = (error: unknown): boolean =>
  error instanceof ConnectionError ||
  error instanceof TimeoutError ||
  (error instanceof ApiError && (error.status >= 500 || error.status === 429));
