import type { Clock } from '../async/clock.ts';
import type { Started } from '../lifecycle/start.ts';
import { errorFields, type Log } from '../observe/log.ts';
import { isAnswered } from '../runs/run.ts';
import type { RunView } from '../runs/view.ts';
import { makeProblem, type Problem, type ProblemAnswer, problemOf } from './problem.ts';
import { runProblem } from './run-problem.ts';
import type { RunRelay } from './run-relay.ts';

/** What is said of a run that has not been answered when its answer has to end. */
export const goesOn = ({ id }: RunView): Problem =>
  makeProblem('wait_timeout', `run ${id} goes on beyond this answer; read it later at /runs/${id}`);

/** What is said of a run of the same Idempotency-Key that has not ended. */
export const inProgress = ({ id }: RunView): ProblemAnswer => ({
  problem: makeProblem('run_in_progress', `run ${id} of this Idempotency-Key is still being generated`),
  headers: { 'retry-after': '2' },
});

/** Tells a relay how the run of its stream ends. */
export const followRun = (
  { run, done }: Extract<Started, { kind: 'started' }>,
  relay: Pick<RunRelay, 'complete' | 'fail'>,
  { clock, log }: { clock: Clock; log: Log },
): void => {
  const tellEnd = (ended: RunView) => {
    // Not answered though done: the process ran out of time and gave the run back, so it goes on elsewhere.
    if (!isAnswered(ended)) return relay.fail(goesOn(run));
    const failure = runProblem(ended, clock.now());
    return failure ? relay.fail(failure.problem) : relay.complete(ended);
  };
  done.then(tellEnd).catch((error: unknown) => {
    const { problem } = problemOf(error);
    if (problem.status >= 500) log.error('http.failed', { run_id: run.id, ...errorFields(error) });
    relay.fail(problem);
  });
};
