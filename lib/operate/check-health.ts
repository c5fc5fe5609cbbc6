import type { Clock } from '../async/clock.ts';
import { errorFields, type Log } from '../observe/log.ts';

export type HealthReport = { status: 'ok' | 'down'; checks: Record<string, 'ok' | 'down'> };

const CACHE_MS = 10_000;
const TIMEOUT_MS = 5_000;

/**
 * Runs all checks concurrently, each with a timeout of 5 s, and caches the report for 10 s. The status is `down` when
 * any check fails. The reasons go only to the log.
 */
export const makeCheckHealth = (
  checks: Record<string, (signal: AbortSignal) => Promise<unknown>>,
  { clock, log }: { clock: Clock; log: Log },
): (() => Promise<HealthReport>) => {
  let cached: { at: number; report: Promise<HealthReport> } | undefined;
  const ask = async (): Promise<HealthReport> => {
    const states = await Promise.all(
      Object.entries(checks).map(async ([name, check]): Promise<[string, 'ok' | 'down']> => {
        try {
          await within(check);
          return [name, 'ok'];
        } catch (error) {
          log.warn('health.down', { part: name, ...errorFields(error) });
          return [name, 'down'];
        }
      }),
    );
    return {
      status: states.every(([, state]) => state === 'ok') ? 'ok' : 'down',
      checks: Object.fromEntries(states),
    };
  };
  return () => {
    if (!cached || clock.monotonic() - cached.at > CACHE_MS)
      cached = { at: clock.monotonic(), report: ask() };
    return cached.report;
  };
};

/** Runs a check with a timeout. Not every client obeys the signal, so the wait ends at the timeout regardless. */
const within = async (check: (signal: AbortSignal) => Promise<unknown>): Promise<void> => {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  await Promise.race([check(signal), late]);
};
