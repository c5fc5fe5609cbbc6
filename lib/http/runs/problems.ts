import { nextDay } from '../../budget/daily.ts';
import type { RunView } from '../../runs/view.ts';
import { makeProblem, type Problem, type ProblemAnswer } from '../problem.ts';

/**
 * The answer for a run that ended without text: 502 (upstream), 504 (time), 429 (limit) or 400 (strict sampling), with
 * the run's own code and the run itself; 410 when it was deleted meanwhile, 409 when it was cancelled. Budgets are of
 * a UTC day, so `over_budget` says how long until the next one. `undefined` for a run that has text or may still get
 * it.
 */
export const runProblem = (run: RunView, now: number): ProblemAnswer | undefined => {
  if (run.status === 'deleted') {
    return { problem: makeProblem('gone', `run ${run.id} was deleted`), headers: {} };
  }
  if (run.status === 'cancelled') {
    return { problem: makeProblem('cancelled', `run ${run.id} was cancelled`, { run }), headers: {} };
  }
  if (run.status !== 'failed') return undefined;
  const { code, message } = run.error ?? { code: 'internal', message: 'the run failed without a reason' };
  const untilTomorrow = Math.ceil((nextDay(now) - now) / 1000);
  return {
    problem: makeProblem(code, message, { status: statusOf(code), run }),
    headers: code === 'over_budget' ? { 'retry-after': String(untilTomorrow) } : {},
  };
};

const TIME_CODES = ['first_token_timeout', 'idle_timeout', 'total_timeout'];
const LIMIT_CODES = ['rate_limited', 'insufficient_quota', 'over_budget'];

const statusOf = (code: string): number => {
  if (TIME_CODES.includes(code)) return 504;
  if (LIMIT_CODES.includes(code)) return 429;
  if (code === 'sampling_not_applied') return 400;
  return code === 'internal' ? 500 : 502;
};

/** The problem of an answer that has to end before its run does. */
export const goesOn = ({ id }: RunView): Problem =>
  makeProblem('wait_timeout', `run ${id} goes on beyond this answer; read it later at /runs/${id}`);

/** The refusal of an Idempotency-Key whose run has not ended. */
export const inProgress = ({ id }: RunView): ProblemAnswer => ({
  problem: makeProblem('run_in_progress', `run ${id} of this Idempotency-Key is still being generated`),
  headers: { 'retry-after': '2' },
});

/** The problem that ends a stream whose reader is too slow for its buffer. */
export const overflowOf = ({ id }: RunView): Problem =>
  makeProblem(
    'relay_overflow',
    `the stream was read too slowly; run ${id} goes on, read it when it has ended`,
  );
