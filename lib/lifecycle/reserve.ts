import type { Clock } from '../async/clock.ts';
import { NOTHING, plus } from '../budget/amount.ts';
import type { Budget } from '../budget/budget.ts';
import { dayOf } from '../budget/daily.ts';
import { InvalidInputError, OverBudgetError } from '../errors.ts';
import type { Log } from '../observe/log.ts';
import { aboutRun } from '../runs/about-run.ts';
import { wordsFor } from '../runs/failure.ts';
import type { RunStore } from '../runs/ports.ts';
import type { RunRequest } from '../runs/request.ts';
import type { FileLimit, Reservation, Run } from '../runs/run.ts';
import { endedAs } from './emit.ts';
import { underLease } from './lease.ts';

type ReserveDeps = { runs: RunStore; budget: Pick<Budget, 'reserve' | 'settle'>; clock: Clock; log: Log };

/**
 * Reserves the upper bound of a claimed run's cost on its caller's budget. A first claim keeps a reservation that was
 * made today on acceptance; every later claim reserves again, since the usage of an earlier worker is unknown.
 *
 * Returns the updated run: `generating`; `queued` and due at the start of the next UTC day when the budget does not
 * cover it; or `failed` when no day's budget would, or it limits cost and a model has no known price. `undefined`: another worker has it.
 */
export const reserveForClaim = async (
  run: Run,
  request: RunRequest,
  deps: ReserveDeps,
  fileLimit?: FileLimit | undefined,
): Promise<Run | undefined> => {
  const isFirst = run.attempts === 1;
  const heldOn = run.reserved?.day;
  if (isFirst && (heldOn === null || heldOn === dayOf(deps.clock.now()))) return run;
  try {
    // A first claim gives back what was reserved on an earlier day, and on its file: it has used none of it.
    if (isFirst) await deps.budget.settle(run.caller, run.reserved, NOTHING);
    const reserved = await deps.budget.reserve(run.caller, request, fileLimit);
    if (reserved === null && run.reserved === null) return run;
    return await saveReservation(run, reserved, deps);
  } catch (error) {
    if (error instanceof OverBudgetError && error.retryable) return waitForDay(run, error, deps);
    if (error instanceof OverBudgetError || error instanceof InvalidInputError) return fail(run, error, deps);
    throw error;
  }
};

/** Keeps the reservation of a lost worker charged, since it may have used it all. A new day begins with nothing. */
const saveReservation = (
  run: Run,
  reserved: Reservation | null,
  { runs }: ReserveDeps,
): Promise<Run | undefined> => {
  const isSameDay = reserved !== null && reserved.day === run.chargedOn;
  const lost = run.attempts > 1 ? (run.reserved ?? NOTHING) : NOTHING;
  const charged = isSameDay ? plus(run.charged ?? NOTHING, lost) : NOTHING;
  return runs.change(
    run.id,
    { reserved, ...(reserved && { charged, chargedOn: reserved.day }) },
    underLease(run),
  );
};

const waitForDay = async (
  run: Run,
  { code, retryAfterMs }: OverBudgetError,
  { runs, clock, log }: ReserveDeps,
): Promise<Run | undefined> => {
  log.info('run.held', { ...aboutRun(run), code });
  const dueAt = clock.now() + retryAfterMs;
  // Nothing was generated, so this claim does not count as an attempt.
  const attempts = run.attempts - 1;
  return runs.change(
    run.id,
    { status: 'queued', lease: null, reserved: null, attempts, dueAt, dueTries: 0 },
    underLease(run),
  );
};

const fail = (
  run: Run,
  { code, message }: InvalidInputError | OverBudgetError,
  { runs, clock }: ReserveDeps,
) =>
  runs.change(
    run.id,
    endedAs('failed', { code, message: wordsFor(code) ?? message }, clock),
    underLease(run),
  );
