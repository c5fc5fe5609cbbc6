import { ApiError, ConnectionError, TimeoutError } from '../../client/index.ts';

const FIRST_DELAY_MS = 2_000;
const LONGEST_DELAY_MS = 30_000;

/**
 * Follows something through outages: begins again when the connection or a service behind the API has failed, a little
 * later each time. Ends when `follow` ends, when the page is left, and when the API refuses, which another try would not
 * change.
 *
 * @param onFailure is told each failure, so that the page can say that what it shows may be old
 */
export const followOn = async (
  follow: () => Promise<void>,
  signal: AbortSignal,
  onFailure: (error: unknown) => void,
  firstDelayMs = FIRST_DELAY_MS,
): Promise<void> => {
  for (let delayMs = firstDelayMs; !signal.aborted; delayMs = Math.min(LONGEST_DELAY_MS, delayMs * 2)) {
    try {
      return await follow();
    } catch (error) {
      if (signal.aborted) return;
      onFailure(error);
      if (!passes(error)) return;
      await pause(delayMs, signal);
    }
  }
};

/** Whether a failure may be over at the next try. */
const passes = (error: unknown): boolean =>
  error instanceof ConnectionError ||
  error instanceof TimeoutError ||
  (error instanceof ApiError && (error.status >= 500 || error.status === 429));

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
