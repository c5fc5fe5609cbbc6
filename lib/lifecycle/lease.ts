import type { Clock } from '../async/clock.ts';
import { ConflictError } from '../errors.ts';
import { LEASE_MS, LEASE_RENEWAL_MS } from '../runs/due.ts';
import type { RunCondition, RunStore } from '../runs/ports.ts';
import type { Run } from '../runs/run.ts';

export type LeaseDeps = {
  runs: RunStore;
  clock: Clock;
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
};

const RETRY_MS = 2_000;

/** The condition that a run is still generating under the lease that this worker holds. */
export const underLease = ({ lease }: Run): RunCondition => ({
  status: ['generating'],
  leaseToken: lease?.token ?? '',
});

/**
 * Renews a run's lease every 20 s until `release` is called. `signal` aborts with `lease_lost` when another worker
 * has the run, or when renewals failed until the lease was about to expire. The caller must stop then and write
 * nothing.
 */
export const keepLease = ({ id, lease }: Run, { runs, clock, sleep }: LeaseDeps) => {
  const lost = new AbortController();
  const stopped = new AbortController();
  const token = lease?.token ?? '';
  let until = lease?.until ?? 0;

  const lose = () =>
    lost.abort(new ConflictError(`this worker lost the lease of run ${id}`, { code: 'lease_lost' }));

  const renew = async (): Promise<number> => {
    const next = clock.now() + LEASE_MS;
    try {
      // The run stays due as it is: the sweep, when it meets a live lease, looks again at its end.
      const renewed = await runs.change(id, { lease: { token, until: next } }, { leaseToken: token });
      if (!renewed) lose();
      until = next;
      return LEASE_RENEWAL_MS;
    } catch {
      if (clock.now() + RETRY_MS >= until) lose();
      return RETRY_MS;
    }
  };

  const keep = async () => {
    let wait = LEASE_RENEWAL_MS;
    while (!stopped.signal.aborted && !lost.signal.aborted) {
      try {
        await sleep(wait, stopped.signal);
      } catch {
        return;
      }
      wait = await renew();
    }
  };
  const kept = keep();

  return {
    signal: lost.signal,
    /** Stops renewing; the lease itself ends with the commit, or when it expires. */
    release: async () => {
      stopped.abort();
      await kept;
    },
  };
};
