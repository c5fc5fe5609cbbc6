import type { Clock } from '../async/clock.ts';
import type { readQueryParameters } from '../runs/query-parameters.ts';
import { readPreferredWaitMs } from './read-request.ts';

/** The longest wait of one request, in seconds. A client that wants to wait for longer asks again. */
export const MAX_WAIT_SECONDS = 20;
/** The least time between two reads of one wait. */
const EVERY_MS = 1_000;

/**
 * How long a GET waits for a change of status, in ms: by `wait` in seconds, or by `Prefer: wait=N`, which is capped at 20.
 * Without either it does not wait.
 *
 * @throws {InvalidInputError} for a `Prefer` that is no whole number; `parameters` collects the problem of `wait`.
 */
export const readGetWaitMs = (
  parameters: Pick<ReturnType<typeof readQueryParameters>, 'int'>,
  headers: Headers,
): number => {
  const seconds = parameters.int('wait', 0, MAX_WAIT_SECONDS);
  if (seconds !== undefined) return seconds * 1_000;
  return readPreferredWaitMs(headers, MAX_WAIT_SECONDS * 1_000) ?? 0;
};

export type WaitDeps = {
  clock: Pick<Clock, 'monotonic'>;
  sleep: (ms: number) => Promise<void>;
};

/** `isOver`: the status will not change any more. `everyMs`: the least time until the next read. */
type Watched = { status: string; isOver: boolean; everyMs?: number };

/**
 * Reads something until its status differs from the first one, is over, or `waitMs` have passed; returns what it read
 * last. Reads at most once a second, and once without a wait.
 *
 * @example
 * const run = await untilChanged(() => findRun(id, caller, deps), (run) => ({ ...run, isOver: hasEnded(run) }), 20_000, deps);
 */
export const untilChanged = async <T>(
  read: () => Promise<T>,
  watch: (value: T) => Watched,
  waitMs: number,
  { clock, sleep }: WaitDeps,
): Promise<T> => {
  const until = clock.monotonic() + waitMs;
  let value = await read();
  const { status } = watch(value);
  for (;;) {
    const { status: now, isOver, everyMs = EVERY_MS } = watch(value);
    const leftMs = until - clock.monotonic();
    if (isOver || now !== status || leftMs <= 0) return value;
    await sleep(Math.min(everyMs, leftMs));
    value = await read();
  }
};
