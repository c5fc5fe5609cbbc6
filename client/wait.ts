import { ApiError, TimeoutError } from './errors.ts';
import { type CallOptions, type Limit, sleep, type Transport } from './transport.ts';

export type WaitOptions = CallOptions & {
  /** Longest wait in ms: ten minutes by default. It ends with a `TimeoutError`; the API goes on. */
  timeoutMs?: number | undefined;
};

const WAIT_MS = 600_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** The longest that the API holds an answer back, in seconds. */
const HELD_SECONDS = 20;

/**
 * Reads something until it is as wanted. The API holds each answer until the status changes (`?wait=`); one that does
 * not is asked again and again, with pauses that grow to five seconds.
 */
export const makeWait = (transport: Transport) => {
  const { json } = transport;
  const unheld = new Set<string | undefined>();

  const read = async <T>(path: string, limit: Limit, options: CallOptions): Promise<T> => {
    const ask = (wait?: number) =>
      json<T>({ method: 'GET', path, query: { wait }, isRepeatable: true }, options, limit);
    // A held answer must arrive before the limit.
    const seconds = Math.min(HELD_SECONDS, Math.floor((limit.endsAt - performance.now()) / 1000) - 1);
    const resource = path.split('/')[1];
    if (unheld.has(resource) || seconds < 1) return await ask();
    try {
      return await ask(seconds);
    } catch (error) {
      if (!(error instanceof ApiError && error.errors.some((issue) => issue.path === 'wait'))) throw error;
      unheld.add(resource);
      return await ask();
    }
  };

  return async <T extends { status: string }>(
    path: string,
    isWanted: (value: T) => boolean,
    options: WaitOptions = {},
    limit = transport.limit(options, WAIT_MS),
  ): Promise<T> => {
    let pauseMs = FIRST_PAUSE_MS;
    // The first answer is not held back: what is there already may be what is wanted.
    let ask = () => transport.json<T>({ method: 'GET', path, isRepeatable: true }, options, limit);
    for (;;) {
      const askedAt = performance.now();
      const value = await ask();
      ask = () => read<T>(path, limit, options);
      if (isWanted(value)) return value;
      // An answer that was held back needs no pause.
      const restMs = Math.max(0, pauseMs - (performance.now() - askedAt));
      if (performance.now() + restMs >= limit.endsAt)
        throw new TimeoutError(`${path} is still ${value.status} after the time allowed`);
      await sleep(restMs, limit.signal);
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 1.5);
    }
  };
};

export type Wait = ReturnType<typeof makeWait>;
