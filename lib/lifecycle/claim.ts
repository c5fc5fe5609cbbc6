import * as z from 'zod';
import type { Clock } from '../async/clock.ts';
import { NotFoundError } from '../errors.ts';
import { dueBy, LEASE_MS, MAX_ATTEMPTS } from '../runs/due.ts';
import type { Ids, Job, RunStore } from '../runs/ports.ts';
import { parseMessage } from '../runs/queue-message.ts';
import type { Run } from '../runs/run.ts';
import { endedAs } from './emit.ts';

const count = z.int().min(0);
const job = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run'), run_id: z.string().min(1), turns: count.optional() }),
  z.object({
    type: z.literal('line'),
    file_id: z.string().min(1),
    block: count,
    line: count,
    start: count,
    end: count,
    again: z.literal(true).optional(),
    in_flight: count.optional(),
    turns: count.optional(),
  }),
]);

/**
 * Parses a queue message's body into a job.
 *
 * @throws {InvalidInputError} `bad_job`, not retryable, when it is not one.
 */
export const parseJob = (body: string): Job => parseMessage(body, job, 'bad_job');

type ClaimDeps = { runs: RunStore; clock: Clock; ids: Ids };

/**
 * Leases a run to this worker: a queued run, or a generating run whose lease has expired. Returns `undefined` when
 * there is nothing to do, because the run is answered, another worker holds a live lease, or `admit` does not admit it
 * now. After five lost leases the run is returned as `failed` (`attempts_exhausted`) with its RunFailed event pending.
 *
 * @throws {NotFoundError} `unknown_run`, retryable, when there is no such run.
 */
export const claimRun = async (
  id: string,
  deps: ClaimDeps,
  admit: (run: Run) => Promise<boolean> = async () => true,
): Promise<Run | undefined> => {
  const { runs, clock, ids } = deps;
  const run = await runs.get(id);
  if (!run) throw new NotFoundError(`there is no run ${id}`, { code: 'unknown_run', retryable: true });
  const now = clock.now();
  const isStale = run.status === 'generating' && (run.lease?.until ?? 0) < now;
  if (run.status !== 'queued' && !isStale) return undefined;
  // A put-back is not a lost worker, so it does not count as an attempt.
  if (run.attempts - run.putBacks >= MAX_ATTEMPTS) return giveUp(run, deps);
  if (!(await admit(run))) return undefined;
  const until = clock.now() + LEASE_MS;
  return runs.change(
    id,
    {
      status: 'generating',
      attempts: run.attempts + 1,
      lease: { token: ids.leaseToken(), until },
      ...dueBy(run, until),
      dueTries: 0,
    },
    isStale ? { status: ['generating'], leaseBefore: now } : { status: ['queued'] },
  );
};

const giveUp = (run: Run, { runs, clock }: ClaimDeps): Promise<Run | undefined> => {
  const message = `${MAX_ATTEMPTS} workers were lost while they generated this run; create a new run`;
  return runs.change(run.id, endedAs('failed', { code: 'attempts_exhausted', message }, clock), {
    status: [run.status],
    leaseBefore: clock.now(),
  });
};
