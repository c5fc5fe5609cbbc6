import { type EverytokenError, type OverBudgetError, UpstreamError } from '../errors.ts';
import type { PurgeDeps } from '../lifecycle/delete.ts';
import { type EmitDeps, emitQuietly, endedAs } from '../lifecycle/emit.ts';
import { runFailed } from '../lifecycle/measure-run.ts';
import { errorFields, type Log } from '../observe/log.ts';
import { aboutRun } from '../runs/about-run.ts';
import { MAX_ATTEMPTS } from '../runs/due.ts';
import { vectorIdsOfRun } from '../runs/keys.ts';
import type { Run } from '../runs/run.ts';

export type AttemptDeps = EmitDeps & Pick<PurgeDeps, 'vectors' | 'namespace'> & { log: Log };

/**
 * Counts an embedding before it begins, in case its worker is lost. The first one after the run was generated is not
 * counted, which spares a write for nearly every run: the sweep must have sent the event again.
 * @returns false when there is nothing left to do: the run has just been ended, since five embeddings were cut off, or
 *   it was deleted.
 */
export const beginAttempt = async (run: Run, deps: AttemptDeps): Promise<boolean> => {
  if (run.embedAttempts >= MAX_ATTEMPTS) {
    const message = `${MAX_ATTEMPTS} workers were lost while they indexed this run`;
    await endWithText(run, { code: 'attempts_exhausted', message }, deps);
    return false;
  }
  return run.dueTries === 0 || (await count(run, run.embedAttempts + 1, deps));
};

/** Takes back the count of an attempt that failed for no reason of the run's: a service is down. Never throws. */
export const giveAttemptBack = async (run: Run, deps: AttemptDeps): Promise<void> => {
  if (run.dueTries === 0) return;
  await count(run, run.embedAttempts, deps).catch((error) =>
    deps.log.warn('embed.not_given_back', { ...aboutRun(run), ...errorFields(error) }),
  );
};

/**
 * Counts an attempt that failed for a reason of the run's own, and makes the run due at once. The fifth ends the run:
 * `index_refused` when a service refused its outputs, else the error's own code. Its texts stay readable.
 * @returns whether the run has ended
 */
export const countFailure = async (run: Run, error: EverytokenError, deps: AttemptDeps): Promise<boolean> => {
  const attempt = run.embedAttempts + 1;
  if (attempt >= MAX_ATTEMPTS) {
    const code = OUTPUT_LOST.includes(error.code) ? error.code : 'index_refused';
    const message = `the outputs could not be indexed in ${MAX_ATTEMPTS} attempts: ${error.ownWords}`;
    const status = error instanceof UpstreamError ? error.status : undefined;
    await endWithText(run, { code, message, ...(status !== undefined && { status }) }, deps);
    return true;
  }
  await count(run, attempt, deps, error.retryable ? {} : { dueAt: deps.clock.now(), ...lookedAt(run) });
  return false;
};

/** Codes of an output that is not as it was saved. */
const OUTPUT_LOST = ['missing_object', 'sha256_mismatch'];

export const isOutputLost = (error: unknown): error is EverytokenError =>
  OUTPUT_LOST.includes((error as Partial<EverytokenError>).code ?? '');

const count = async (
  { id }: Run,
  embedAttempts: number,
  { runs }: AttemptDeps,
  change: { dueAt?: number; dueTries?: number } = {},
): Promise<boolean> =>
  (await runs.change(id, { embedAttempts, ...change }, { status: ['generated'] })) !== undefined;

const endWithText = async (run: Run, error: NonNullable<Run['error']>, deps: AttemptDeps): Promise<void> => {
  const { runs, clock, log } = deps;
  const failed = await runs.change(run.id, endedAs('failed', error, clock), { status: ['generated'] });
  if (!failed) return;
  log.info('run.failed', { ...aboutRun(run), 'error.type': error.code }, runFailed());
  await deleteVectors(failed, deps);
  await emitQuietly(failed, deps);
};

/**
 * Puts the embedding of a run off until its caller's next day, when the budget of today does not cover it. A run whose
 * texts no day's budget would cover ends as `failed`, with them.
 */
export const holdForBudget = async (run: Run, error: OverBudgetError, deps: AttemptDeps): Promise<void> => {
  if (!error.retryable) return endWithText(run, error, deps);
  const dueAt = deps.clock.now() + error.retryAfterMs;
  await deps.runs.change(run.id, { dueAt, ...lookedAt(run) }, { status: ['generated'] });
  deps.log.info('embed.held', { ...aboutRun(run), code: error.code });
};

/** Lets the sweep act when it meets a generated run: the first time it waits for the embedding, which has ended here. */
const lookedAt = ({ dueTries }: Run): { dueTries: number } => ({ dueTries: Math.max(1, dueTries) });

/** Deletes the vectors that a failed run may have. The audit finds any that are left. Never throws. */
export const deleteVectors = async (
  run: Run,
  { vectors, namespace, log }: Pick<AttemptDeps, 'vectors' | 'namespace' | 'log'>,
): Promise<void> => {
  try {
    const ids = vectorIdsOfRun(run);
    if (ids.length > 0) await vectors.delete(namespace(run.caller), ids);
  } catch (error) {
    log.warn('purge.delayed', { ...aboutRun(run), ...errorFields(error) });
  }
};
