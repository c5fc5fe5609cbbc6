import type { Clock } from '../async/clock.ts';
import { errorFields, type Log } from '../observe/log.ts';

export type HealthReport = { status: 'ok' | 'down'; checks: Record<string, 'ok' | 'down'> };

const KEPT_MS = 10_000;
const LIMIT_MS = 5_000;

/**
 * Asks every part once, all together, each within 5 s; the answer is kept for 10 s. `down` when one is. Why one is
 * down goes to the log alone.
 */
export const makeCheckHealth = (
  checks: Record<string, (signal: AbortSignal) => Promise<unknown>>,
  { clock, log }: { clock: Clock; log: Log },
): (() => Promise<HealthReport>) => {
  let kept: { at: number; report: Promise<HealthReport> } | undefined;
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
    if (!kept || clock.monotonic() - kept.at > KEPT_MS) kept = { at: clock.monotonic(), report: ask() };
    return kept.report;
  };
};

/** Not every client obeys a signal, so the wait itself ends with it. */
const within = async (check: (signal: AbortSignal) => Promise<unknown>): Promise<void> => {
  const signal = AbortSignal.timeout(LIMIT_MS);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  await Promise.race([check(signal), late]);
};
