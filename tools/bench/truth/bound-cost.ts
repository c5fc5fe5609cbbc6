import { systemClock, systemReadings } from '../../../lib/adapters/system.ts';
import { watchReadDelays } from '../../../lib/timing/read-delays.ts';

const READS = 200_000;
const ROUNDS = 9;

/**
 * The CPU time in us that `uncertainty_ms` costs for a read, which brings at least one token: the median of several
 * rounds, each of a stream with so many payloads. The clock is read in any case and does not count.
 */
export const boundCostMicros = (): number => {
  const costs = Array.from({ length: ROUNDS }, () => round(true) - round(false));
  return costs.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN;
};

const round = (isWatched: boolean): number => {
  const t0 = systemClock.monotonic();
  const watch = watchReadDelays(t0, systemReadings);
  const marks: { t1?: number; tO?: number; tL?: number } = {};
  const before = process.cpuUsage();
  for (let read = 0; read < READS; read++) {
    const now = systemClock.monotonic();
    if (isWatched) watch.read(now);
    marks.t1 ??= now;
    marks.tO ??= now;
    marks.tL = now;
    if (isWatched) watch.bound(marks);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / READS;
};
