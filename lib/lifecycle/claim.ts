import * as z from 'zod';
import type { Clock } from '../async/clock.ts';
import { NotFoundError } from '../errors.ts';
import { LEASE_MS, MAX_ATTEMPTS } from '../runs/due.ts';
import type { Ids, Job, RunStore } from '../runs/ports.ts';
import { parseMessage } from '../runs/queue-message.ts';
import type { Run } from '../runs/run.ts';
import { endedAs } from './emit.ts';

const count = z.int().min(0);
const job = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run'), run_id: z.string().min(1) }),
  z.object({
    type: z.literal('line'),
    file_id: z.string().min(1),
    block: count,
    line: count,
    start: count,
    end: count,
  }),
]);

/** A job from a queue message's body. Throws `InvalidInputError` (`bad_job`, final). */
export const parseJob = (body: string): Job => parseMessage(body, job, 'bad_job');

type ClaimDeps = { runs: RunStore; clock: Clock; ids: Ids };

/**
 * Takes a run to work on it: a queued one, or one whose worker's lease has run out. `undefined` when there is
 * nothing to do: it is answered, or another worker holds a live lease. A fifth lost lease ends the run as
 * `failed: attempts_exhausted` (returned with that status, its RunFailed pending). Throws a retryable
 * `NotFoundError` for an unknown run.
 */
export const claimRun = async (id: string, deps: ClaimDeps): Promise<Run | undefined> => {
  const { runs, clock, ids } = deps;
  const run = await runs.get(id);
  if (!run) throw new NotFoundError(`run ${id} is not known`, { code: 'unknown_run', retryable: true });
  const now = clock.now();
  const isStale = run.status === 'generating' && (run.lease?.until ?? 0) < now;
  if (run.status !== 'queued' && !isStale) return undefined;
  // A worker that gave the run back was not lost.
  if (run.attempts - run.putBacks >= MAX_ATTEMPTS) return giveUp(run, deps);
  const until = now + LEASE_MS;
  return runs.change(
    id,
    {
      status: 'generating',
      attempts: run.attempts + 1,
      lease: { token: ids.leaseToken(), until },
      dueAt: until,
      dueTries: 0,
    },
    isStale ? { status: ['generating'], leaseBefore: now } : { status: ['queued'] },
  );
};

const giveUp = (run: Run, { runs, clock }: ClaimDeps): Promise<Run | undefined> => {
  const message = `gave up after ${MAX_ATTEMPTS} workers were lost with this run`;
  return runs.change(run.id, endedAs('failed', { code: 'attempts_exhausted', message }, clock), {
    status: [run.status],
    leaseBefore: clock.now(),
  });
};
