import { inTraceOf } from '../runs/about-run.ts';
import type { JobQueue } from '../runs/ports.ts';
import type { Run } from '../runs/run.ts';

const MAX_DELAY_SECONDS = 900; // SQS delays a message no longer

/** Sends a run's job in the run's own trace, delayed by `delayMs`, rounded up to seconds, or by 15 minutes at most. */
export const sendRunJob = async (
  run: Pick<Run, 'id' | 'trace'>,
  jobs: JobQueue,
  delayMs = 0,
): Promise<void> => {
  const delaySeconds = Math.min(Math.ceil(delayMs / 1000), MAX_DELAY_SECONDS);
  await jobs.send(
    { type: 'run', run_id: run.id },
    { ...inTraceOf(run), ...(delaySeconds > 0 && { delaySeconds }) },
  );
};
