import type { OverBudgetError } from '../../errors.ts';
import { delaySecondsOf } from '../../lifecycle/emit.ts';
import { FILE_DUE } from '../limits.ts';
import type { LineJob, SendBlocksDeps } from './blocks.ts';

export type WaitDeps = Pick<SendBlocksDeps, 'clock' | 'files' | 'jobs'>;

/** A block's due time has room for this. */
const SHORT_WAIT_MS = 60_000;

/** Sends the job of a line again for `turnAt` (epoch ms), since its caller has as many jobs in flight as it may. */
export const waitForTurnOfLine = async (job: LineJob, turnAt: number, deps: WaitDeps): Promise<void> => {
  await takeTryBack(job, deps);
  await sendLater({ ...job, turns: (job.turns ?? 0) + 1 }, turnAt - deps.clock.now(), deps);
};

/** Sends a job again after `delayMs`. */
export const sendLater = async (
  job: LineJob,
  delayMs: number,
  { clock, files, jobs }: WaitDeps,
): Promise<void> => {
  const waitMs = Math.max(0, delayMs);
  await jobs.send(job, { delaySeconds: delaySecondsOf(waitMs) });
  // Otherwise the sweep would send the block's lines again while they wait.
  const dueAt = clock.now() + waitMs + FILE_DUE.underWay;
  if (waitMs > SHORT_WAIT_MS) await files.changeBlock(job.file_id, job.block, { dueAt, dueTries: 0 }, {});
};

/**
 * Leaves a line until the next day, since its caller's budget is used up for today: then the sweep sends the lines of its
 * block that are not done again.
 */
export const waitForBudget = async (
  job: LineJob,
  { retryAfterMs }: OverBudgetError,
  deps: WaitDeps,
): Promise<void> => {
  await takeTryBack(job, deps);
  const dueAt = deps.clock.now() + retryAfterMs;
  await deps.files.changeBlock(job.file_id, job.block, { dueAt, dueTries: 0 }, {});
};

/** A line that only waits is not tried: for its turn, for the next day's budget, or for the run of another file. */
export const takeTryBack = async (
  { again, file_id, block, line }: LineJob,
  { files }: Pick<WaitDeps, 'files'>,
): Promise<void> => {
  if (again) await files.addTry(file_id, block, line, -1);
};
