import { type Comparison, ConnectionError } from '../../../../client/index.ts';
import { sleep } from '../../../../client/transport.ts';
import type { ApiContext } from '../../../api-command.ts';
import { CommandError } from '../../../command.ts';
import { liveTable } from './live-table.ts';

type Context = Pick<ApiContext, 'client' | 'errors' | 'again' | 'signal'>;

const ENDED: readonly Comparison['status'][] = ['completed', 'completed_with_errors', 'failed'];
const LIVE_PAUSE_MS = 700;
/** Without a table to draw the API holds its answer back until the status changes. */
const HELD_SECONDS = 20;
/** How long the API may be out of reach. The comparison goes on meanwhile. */
const LOST_MS = 300_000;
const PAUSE_MS = 2_000;

/**
 * Shows a comparison until it has ended, and returns it then. On Ctrl-C it says that the comparison goes on, and how to
 * watch or cancel it.
 *
 * @throws {CommandError} when the API stays out of reach
 */
export const followComparison = async (
  id: string,
  { client, errors, again, signal }: Context,
): Promise<Comparison> => {
  const live = errors.isLive ? errors.live() : undefined;
  const timeLeft = makeTimeLeft();
  let heardAt = performance.now();
  try {
    for (;;) {
      try {
        const comparison = await client.comparisons.get(
          id,
          { texts: 'false', ...(live ? {} : { wait: HELD_SECONDS }) },
          { signal },
        );
        heardAt = performance.now();
        const lines = liveTable(comparison, errors, timeLeft(comparison));
        if (ENDED.includes(comparison.status)) {
          live?.finish(lines.slice(-1));
          return comparison;
        }
        live?.show(lines);
        await sleep(LIVE_PAUSE_MS, signal);
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
        if (performance.now() - heardAt > LOST_MS)
          throw new CommandError(`${error.message}; the comparison goes on: ${again(`compare show ${id}`)}`, {
            cause: error,
          });
        live?.show([errors.attention('the API is out of reach; trying again')]);
        await sleep(PAUSE_MS, signal);
      }
    }
  } catch (error) {
    if (signal.aborted) {
      // Behind the ^C of the terminal.
      if (live) errors.line();
      errors.line('the comparison goes on; watch it, or cancel it:');
      errors.line(`  ${again(`compare show ${id} --watch`)}`);
      errors.line(`  ${again(`compare cancel ${id}`)}`);
    }
    throw error;
  }
};

/** Estimates the seconds left by the rate since the first look; undefined until some answers have come. */
const makeTimeLeft = () => {
  let first: { done: number; at: number } | undefined;
  return ({ progress: { completed, failed, generations } }: Comparison): number | undefined => {
    const done = completed + failed;
    const now = performance.now();
    first ??= { done, at: now };
    const rate = (done - first.done) / (now - first.at);
    return rate > 0 ? (generations - done) / rate / 1000 : undefined;
  };
};
