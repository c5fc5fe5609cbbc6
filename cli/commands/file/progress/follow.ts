import { ConnectionError, type PromptFile } from '../../../../client/index.ts';
import { sleep } from '../../../../client/transport.ts';
import type { ApiContext } from '../../../api-command.ts';
import { CommandError } from '../../../command.ts';
import { fileLine } from './file-line.ts';

type Context = Pick<ApiContext, 'client' | 'errors' | 'again' | 'signal'>;

const EVERY_MS = 1_000;
const WATCH_MS = 7 * 86_400_000;
/** How long the API may be out of reach. The file goes on meanwhile. */
const LOST_MS = 300_000;
const PAUSE_MS = 2_000;

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
  let last: PromptFile | undefined;
  let heardAt = performance.now();
  const show = (file: PromptFile) => live?.show([fileLine(file, errors.width())]);
  try {
    for (;;) {
      try {
        for await (const file of client.files.watch(id, { everyMs: EVERY_MS, timeoutMs: WATCH_MS, signal })) {
          last = file;
          heardAt = performance.now();
          show(file);
        }
        if (last) return last;
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
        if (performance.now() - heardAt > LOST_MS)
          throw new CommandError(`${error.message}; the file goes on: ${again(`file watch ${id}`)}`, {
            cause: error,
          });
        live?.show([
          `${last ? `${fileLine(last, errors.width())}` : ''}`,
          errors.attention('the API is out of reach; trying again'),
        ]);
        await sleep(PAUSE_MS, signal);
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
