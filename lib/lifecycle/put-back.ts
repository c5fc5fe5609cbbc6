import type { Clock, Random } from '../async/clock.ts';
import type { Budget } from '../budget/budget.ts';
import { ConflictError, codeOf } from '../errors.ts';
import { PATIENCE_MS, putBackMs } from '../generate/retry-policy.ts';
import { errorFields, type Log } from '../observe/log.ts';
import { aboutRun } from '../runs/about-run.ts';
import { DUE } from '../runs/due.ts';
import type { JobQueue, RunStore } from '../runs/ports.ts';
import type { Run } from '../runs/run.ts';
import { sendRunJob } from './emit.ts';
import { underLease } from './lease.ts';

/** The model server throttled a generation of a run that can wait. */
export class ThrottledError extends ConflictError {
  override readonly name = 'ThrottledError';
  readonly retryAfterMs: number | undefined;

  constructor(retryAfterMs: number | undefined) {
    super('the model server is limiting requests', { code: 'throttled', retryable: true });
    this.retryAfterMs = retryAfterMs;
  }
}

export type PutBackDeps = {
  runs: RunStore;
  jobs: JobQueue;
  budget: Pick<Budget, 'settle'>;
  clock: Clock;
  random: Random;
  log: Log;
};

/** Whether a throttled run is young enough to be put back instead of failing. */
export const canStillWait = (run: Run, { clock }: Pick<PutBackDeps, 'clock'>): boolean =>
  clock.now() < Date.parse(run.createdAt) + PATIENCE_MS;

/** Put-backs for lack of time that cost no attempt; each further one counts as a lost worker. */
const MAX_OUT_OF_TIME = 10;

/**
 * Returns a claimed run to the queue because of `error`: after a backoff when it was throttled, else at once. Saved
 * outputs are kept, and the attempt does not count as a lost worker. `charged` is what the run is counted with from now
 * on. Never throws: if this fails, the lease expires and
 * the run is claimed again.
 */
export const putBack = async (
  run: Run,
  error: unknown,
  deps: PutBackDeps,
  charged: Run['charged'] = run.charged,
): Promise<void> => {
  const { runs, jobs, clock, random, log } = deps;
  const isThrottled = error instanceof ThrottledError;
  const delayMs = isThrottled ? putBackMs(run.putBacks, error.retryAfterMs, random) : 0;
  const isForgiven = isThrottled || run.putBacks < MAX_OUT_OF_TIME;
  try {
    const back = await runs.change(
      run.id,
      {
        status: 'queued',
        lease: null,
        reserved: null,
        charged,
        putBacks: run.putBacks + (isForgiven ? 1 : 0),
        dueAt: clock.now() + delayMs + DUE.queued,
        dueTries: 0,
      },
      underLease(run),
    );
    if (!back) return;
    log.info('run.put_back', {
      ...aboutRun(run),
      put_backs: back.putBacks,
      delay_ms: Math.round(delayMs),
      code: codeOf(error),
    });
    await sendRunJob(run, jobs, delayMs);
  } catch (failure) {
    log.warn('run.not_put_back', { ...aboutRun(run), ...errorFields(failure) });
  }
};

/**
 * Sends the job of a run again for its turn at `turnAt` (epoch ms), since its caller has as many jobs in flight as it may. The run is
 * not claimed, so this costs no attempt. Its due time moves behind the turn, or the sweep would send its job again.
 */
export const waitForTurn = async (
  run: Run,
  { turnAt, turns }: { turnAt: number; turns: number },
  { runs, jobs, clock, log }: Pick<PutBackDeps, 'runs' | 'jobs' | 'clock' | 'log'>,
): Promise<void> => {
  const delayMs = Math.max(0, turnAt - clock.now());
  // The message comes first: after a crash in between there are two, of which one finds nothing to do.
  await sendRunJob(run, jobs, delayMs, { turns });
  log.info('run.waiting', { ...aboutRun(run), delay_ms: Math.round(delayMs) });
  if ((run.dueAt ?? 0) >= turnAt + DUE.queued) return;
  await runs.change(run.id, { dueAt: turnAt + DUE.unclaimed }, { status: [run.status], dueAt: run.dueAt });
};
