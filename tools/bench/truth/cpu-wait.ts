import { readFileSync } from 'node:fs';

/**
 * How long this process's main thread has stood ready while others had the CPU, in ms since its start, as Linux counts
 * it (`schedstat`, second number, ns). Null elsewhere.
 */
export const waitedForCpuMs = (): number | null => {
  try {
    const waitedNs = Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]);
    return Number.isFinite(waitedNs) ? waitedNs / 1e6 : null;
  } catch {
    return null;
  }
};
