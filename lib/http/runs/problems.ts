import { nextDay } from '../../budget/daily.ts';
import { endedWithoutText } from '../../runs/run.ts';
import { fitRun, type RunView } from '../../runs/view.ts';
import { makeProblem, type Problem, type ProblemAnswer } from '../problem.ts';

/**
 * The problem of a run that ended without text; `undefined` for a run that has text or may still get it.
 *
 * Status: 502 (upstream), 504 (deadline), 429 (limit), 400 (strict sampling) or 500 (`internal`), with the run's own
 * code and the run itself; 410 when it was deleted, 409 when it was cancelled. `over_budget` has a Retry-After until
 * the next UTC day, when the budget starts anew.
 */
export const runProblem = (run: RunView, now: number): ProblemAnswer | undefined => {
  if (run.status === 'deleted') {
    return { problem: makeProblem('gone', `run ${run.id} was deleted`), headers: {} };
  }
  if (run.status === 'cancelled') {
    return {
      problem: makeProblem('cancelled', `run ${run.id} was cancelled`, { run: fitRun(run) }),
      headers: {},
    };
  }
  if (!endedWithoutText(run)) return undefined;
  return problemOfFailure(
    run,
    run.error ?? { code: 'internal', message: 'the run failed for an unknown reason' },
    now,
  );
};

/**
 * The problem of a run for a client that needs all of its outputs: as `runProblem`, else that of the first output that
 * failed. The run keeps the others, if it keeps any.
 */
export const outputProblem = (run: RunView, now: number): ProblemAnswer | undefined => {
  const problem = runProblem(run, now);
  const failed = run.generations.find(({ status }) => status === 'failed');
  if (problem || !failed) return problem;
  const { code, message } = failed.error ?? { code: 'internal', message: 'it failed for an unknown reason' };
  const where = `output ${failed.index} of ${run.generations.length} failed: ${message}`;
  const others = run.store ? `; the others are kept; read them at /runs/${run.id}` : '';
  return problemOfFailure(run, { code, message: where + others }, now);
};

const problemOfFailure = (
  run: RunView,
  { code, message }: { code: string; message: string },
  now: number,
): ProblemAnswer => {
  const untilTomorrow = Math.ceil((nextDay(now) - now) / 1000);
  return {
    problem: makeProblem(code, message, { status: statusOf(code), run: fitRun(run) }),
    headers: code === 'over_budget' ? { 'retry-after': String(untilTomorrow) } : {},
  };
};

/** The problem of an answer in a protocol that has a place for texts alone, for a run whose texts were not stored. */
export const notStored = (run: RunView): ProblemAnswer | undefined =>
  run.generations.some(({ not_stored }) => not_stored)
    ? {
        problem: makeProblem(
          'gone',
          `run ${run.id} has store: false, and its text is no longer there; its figures are at /runs/${run.id}`,
        ),
        headers: {},
      }
    : undefined;

const TIME_CODES = ['first_token_timeout', 'idle_timeout', 'total_timeout'];
const LIMIT_CODES = ['rate_limited', 'insufficient_quota', 'over_budget'];

const statusOf = (code: string): number => {
  if (TIME_CODES.includes(code)) return 504;
  if (LIMIT_CODES.includes(code)) return 429;
  if (code === 'sampling_not_applied') return 400;
  return code === 'internal' ? 500 : 502;
};

/** The problem of a response that must end before its run does. */
export const waitTimeout = ({ id }: RunView): Problem =>
  makeProblem('wait_timeout', `run ${id} is still being generated; read it later at /runs/${id}`);

/** The problem of an Idempotency-Key whose run has not ended. */
export const inProgress = ({ id }: RunView): ProblemAnswer => ({
  problem: makeProblem(
    'run_in_progress',
    `run ${id} of this Idempotency-Key is still being generated; send the request again later`,
  ),
  headers: { 'retry-after': '2' },
});

/** The problem that ends a stream when its client reads too slowly and the buffer is full. */
export const overflowOf = ({ id }: RunView): Problem =>
  makeProblem(
    'relay_overflow',
    `the client read the stream too slowly; run ${id} goes on, so read it later at /runs/${id}`,
  );

/** The problem that ends a stream whose output was sent in part, in a protocol that cannot take a part back. */
export const restarted = ({ id }: RunView): Problem =>
  makeProblem(
    'incomplete_output',
    `the output broke off and is generated again; discard the output so far and read it later at /runs/${id}`,
  );
