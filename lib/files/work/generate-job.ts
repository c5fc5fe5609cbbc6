import type { Budget } from '../../budget/budget.ts';
import {
  ConflictError,
  codeOf,
  type EverytokenError,
  InvalidInputError,
  NotFoundError,
  OverBudgetError,
} from '../../errors.ts';
import { type AcceptDeps, acceptRun } from '../../lifecycle/accept.ts';
import { claimRun } from '../../lifecycle/claim.ts';
import { type BuryDeps, buryRun } from '../../lifecycle/delete.ts';
import { emitPending } from '../../lifecycle/emit.ts';
import { type GenerateRunDeps, generateRun } from '../../lifecycle/generate-run.ts';
import { runFailed } from '../../lifecycle/measure-run.ts';
import { waitForTurn } from '../../lifecycle/put-back.ts';
import { reserveForClaim } from '../../lifecycle/reserve.ts';
import type { InFlight, Leave } from '../../limits/in-flight.ts';
import { aboutRun } from '../../runs/about-run.ts';
import { MAX_ATTEMPTS } from '../../runs/due.ts';
import type { Job } from '../../runs/ports.ts';
import { requestOf } from '../../runs/read-run.ts';
import { type FileLimit, type FileLine, isAnswered, type Run } from '../../runs/run.ts';
import { type AnswerDeps, answerFromBatch } from '../batch/answer-from-batch.ts';
import { type EmbedLineDeps, embedLine } from '../embeddings/embed-line.ts';
import { isOfEmbeddings } from '../embeddings/lines.ts';
import { FILE_LIMITS } from '../limits.ts';
import { isMarkDue, markPace } from '../progress.ts';
import { isFileDeleted, type PromptFile } from '../prompt-file.ts';
import { stopFile } from '../stop-file.ts';
import { areAllSent, giveUpLost, type LineJob, readLine, type SendBlocksDeps } from './blocks.ts';
import { failedForAnotherFile, findLineRun, type Line, lineOf, requestOfLine } from './line-run.ts';
import { EXHAUSTED, endLine, fileOf, isSamePlace, markRunDone, skipLine } from './mark-line.ts';
import { takeTryBack, waitForBudget, waitForTurnOfLine } from './waiting-lines.ts';
import { windowAfter, withinShare } from './window.ts';

export type JobDeps = AcceptDeps &
  BuryDeps &
  GenerateRunDeps &
  AnswerDeps &
  EmbedLineDeps &
  SendBlocksDeps & { budget: Budget; inFlight: Pick<InFlight, 'enterJob'> };

/**
 * Processes a job: claims its run, generates the missing outputs, and marks its file's line as done; or embeds a line
 * that asks for embeddings. Also resolves when there is nothing to do. An error it throws sends the job back to the
 * queue, which retries it or moves it to the dead-letter queue. `waitedMs` is how long its message waited in the queue;
 * `isFirst` tells that it was not received before.
 */
export const generateJob = async (
  job: Job,
  deps: JobDeps,
  signal?: AbortSignal,
  { waitedMs, isFirst = false }: { waitedMs?: number | undefined; isFirst?: boolean } = {},
): Promise<void> => {
  if (job.type === 'line') await generateLine(job, withWindow(job, waitedMs, deps), signal, isFirst);
  else await generateQueued(job, deps, signal);
};

/** Generates a background run, or one that was interrupted, unless its caller has as many jobs as it may. */
const generateQueued = async (
  { run_id, turns = 0 }: Extract<Job, { type: 'run' }>,
  deps: JobDeps,
  signal: AbortSignal | undefined,
): Promise<void> => {
  let leave: Leave = async () => {};
  const admit = async (run: Run): Promise<boolean> => {
    const entered = await deps.inFlight.enterJob(run.caller, turns);
    if ('leave' in entered) leave = entered.leave;
    else await waitForTurn(run, { turnAt: entered.turnAt, turns: turns + 1 }, deps);
    return 'leave' in entered;
  };
  try {
    await generateClaimed(run_id, deps, signal, { admit, leave: () => leave() });
  } finally {
    await leave();
  }
};

/** The window of the file whose line has waited, asked when the line has ended; a message sent again tells none. */
const withWindow = (
  { in_flight: inFlight }: LineJob,
  waitedMs: number | undefined,
  deps: JobDeps,
): JobDeps => {
  if (inFlight === undefined || waitedMs === undefined) return deps;
  const { clock, limits = FILE_LIMITS } = deps;
  const begun = clock.now();
  const window = () => windowAfter({ inFlight, waitedMs, tookMs: clock.now() - begun }, limits.firstWindow);
  return { ...deps, window };
};

/** The window of a line's file, within `most` jobs of its caller. */
const withShare = (deps: JobDeps, most: number | null): JobDeps => {
  const { clock, window, limits = FILE_LIMITS } = deps;
  const begun = clock.now();
  return {
    ...deps,
    window: () => withinShare(window?.() ?? limits.firstWindow, most, clock.now() - begun),
  };
};

type Claiming = {
  /** The run, where this worker has it already. */
  claimed?: Run | undefined;
  lineFile?: PromptFile;
  /** Decides whether the run is claimed now. */
  admit?: (run: Run) => Promise<boolean>;
  /** The job is over, but for what follows from it: lines that are sent next find its place free. */
  leave: Leave;
};

const generateClaimed = async (
  id: string,
  deps: JobDeps,
  signal: AbortSignal | undefined,
  { claimed, lineFile, admit, leave }: Claiming,
): Promise<Run | undefined> => {
  const run = claimed ?? (await claimRun(id, deps, admit));
  const ended = run ? await generateOrEnd(run, deps, signal, lineFile) : await endedRun(id, deps);
  await leave();
  if (ended?.file) await markRunDone(ended, ended.file, deps);
  return run && ended;
};

/** The run if it has ended; undefined if it waits for a later job or another worker has it. */
const generateOrEnd = async (
  claimed: Run,
  deps: JobDeps,
  signal: AbortSignal | undefined,
  lineFile: PromptFile | undefined,
): Promise<Run | undefined> => {
  if (claimed.status !== 'generating') return emitFailed(claimed, deps);
  // If this invocation crashes, its log shows which run it had.
  deps.log.info('run.claimed', { ...aboutRun(claimed), attempts: claimed.attempts });
  const file = claimed.file ? await fileOf(claimed.file, lineFile, deps) : undefined;
  if (file && isFileDeleted(file)) {
    // Its worker made the run just after the purge had looked for it, and crashed.
    await buryRun(claimed, { dueAt: deps.clock.now(), dueTries: 0 }, deps);
    return undefined;
  }
  const request = await requestOf(claimed, deps);
  const run = await reserveForClaim(claimed, request, deps, fileLimitOf(file));
  if (run?.status === 'failed') return emitFailed(run, deps);
  if (run?.status !== 'generating') return undefined;
  try {
    // A run of a file in batch mode takes its answer from the batch; every other run asks the model.
    const generateOne = run.file && file?.batch ? answerFromBatch(run.file, deps) : deps.generateOne;
    const { run: ended } = await generateRun(
      run,
      request,
      { ...deps, generateOne },
      {
        patient: true,
        ...(signal && { signal }),
      },
    );
    return ended;
  } catch (error) {
    // The run was put back (with a message of its own), taken by another worker, or cancelled: drop this message.
    if (error instanceof ConflictError) return undefined;
    throw error;
  }
};

/** Logs and emits a run that ended before this job generated anything of it. */
const emitFailed = (run: Run, deps: JobDeps): Promise<Run> => {
  const fields = { ...aboutRun(run), attempts: run.attempts, 'error.type': run.error?.code };
  deps.log.info('run.failed', fields, runFailed());
  return emitPending(run, deps);
};

const fileLimitOf = (file: PromptFile | undefined): FileLimit | undefined =>
  file === undefined || file.maxCostUsd === null
    ? undefined
    : { id: file.id, maxNanoUsd: Math.round(file.maxCostUsd * 1e9) };

/** An answered run of a file. The worker that ended it may have crashed before it marked the line. */
const endedRun = async (id: string, { runs }: JobDeps): Promise<Run | undefined> => {
  const run = await runs.get(id);
  return run?.file && isAnswered(run) ? run : undefined;
};

const LEASE_RECHECK_SECONDS = 60;

const generateLine = async (
  job: LineJob,
  given: JobDeps,
  signal: AbortSignal | undefined,
  isFirst: boolean,
): Promise<void> => {
  const place: FileLine = { fileId: job.file_id, block: job.block, line: job.line };
  const file = await given.files.get(job.file_id);
  if (file?.status !== 'generating') return;
  const deps = { ...given, ...(areAllSent(file) && { sentFile: file.id }) };
  const now = deps.clock.now();
  // A line is not lost over a figure.
  if (isMarkDue(file, job.line, now)) await markPace(file, now, deps.files).catch(() => undefined);
  // Counted before the line is worked on, in case that kills the process. Nearly every line is done by its first job.
  const retries = job.again ? await deps.files.addTry(place.fileId, place.block, place.line, 1) : 0;
  const line = await lineOfJob(job, deps);
  if (!line) return;
  if (isOfEmbeddings(file)) {
    const isRepeated = job.again === true || !isFirst;
    const within = (most: number | null) => withShare(deps, most);
    return embedLine({ job, place, file, body: line.body, retries, isRepeated, within }, deps, signal);
  }
  const { id, run: earlier } = await findLineRun(file, line, deps);
  // An earlier file has an answer for this line: the usual case when a file was corrected and uploaded again.
  if (earlier && earlier.status !== 'deleted' && isAnswered(earlier))
    return markRunDone(earlier, place, deps);
  // A stop holds back only lines without a run. A run that has begun is finished.
  if (file.stopped && earlier === undefined) return skipLine(place, deps);
  // A line that has a run is capped by the attempts of that.
  if (earlier === undefined && retries >= MAX_ATTEMPTS) return endLine(place, EXHAUSTED, deps);
  const entered = await deps.inFlight.enterJob(file.caller, job.turns ?? 0);
  if ('turnAt' in entered) return waitForTurnOfLine(job, entered.turnAt, deps);
  const { leave, most } = entered;
  try {
    const isNew = earlier === undefined;
    await generateNewLine({ job, place, file, line, id, isNew, leave }, withShare(deps, most), signal);
  } finally {
    await leave();
  }
};

type NewLine = {
  job: LineJob;
  place: FileLine;
  file: PromptFile;
  line: Line;
  id: string;
  /** There was no run with this id just now. */
  isNew: boolean;
  leave: Leave;
};

/** Generates a line that has no answer yet. */
const generateNewLine = async (
  { job, place, file, line, id, isNew, leave }: NewLine,
  deps: JobDeps,
  signal: AbortSignal | undefined,
): Promise<void> => {
  let claimed: Run | undefined;
  try {
    const request = requestOfLine(line, deps.defaults);
    const { body, shared } = line;
    // This worker generates it at once: a claim of its own would only be another write.
    const own = { id, isNew, body, request, caller: file.caller, direct: true, file: place };
    const fileLimit = fileLimitOf(file);
    const { kind, run } = await acceptRun({ ...own, fileLimit, ...(shared && { shared }) }, deps);
    if (kind === 'accepted') claimed = run;
  } catch (error) {
    if (codeOf(error) === 'max_cost_reached') {
      await stopFile(file.id, 'max_cost_reached', deps);
      return await skipLine(place, deps);
    }
    if (error instanceof OverBudgetError && error.retryable) return waitForBudget(job, error, deps);
    // An invalid line, one that no budget covers, or whose run was deleted: its error is its result, and the other lines
    // continue.
    if (!isOfLine(error)) throw error;
    return endLine(place, error, deps);
  }
  const generated = await generateClaimed(id, deps, signal, { claimed, lineFile: file, leave });
  const run = generated ?? (await deps.runs.get(id));
  // The run ended and its line is marked; or it was put back or waits for its budget, and a later job marks the line.
  if (run && isSamePlace(run.file, place) && run.status !== 'generating') return;
  if (run && isAnswered(run) && !failedForAnotherFile(run, file)) return markRunDone(run, place, deps);
  await takeTryBack(job, deps);
  // The run failed for an earlier file while this line waited for it: retry it for this file.
  const { in_flight: _, ...again } = job;
  if (run && isAnswered(run)) await deps.jobs.send(again);
  // Another worker holds the run, perhaps for an earlier version of this file, and will not mark this line.
  else await deps.jobs.send(again, { delaySeconds: LEASE_RECHECK_SECONDS });
};

/** The line of a job. Undefined if it is lost: then its file ends. */
const lineOfJob = async (job: LineJob, deps: JobDeps): Promise<Line | undefined> => {
  try {
    return await lineOf(job.file_id, await readLine(job, deps), deps);
  } catch (error) {
    await giveUpLost(job.file_id, error, deps);
    return undefined;
  }
};

const isOfLine = (error: unknown): error is EverytokenError =>
  error instanceof InvalidInputError ||
  error instanceof OverBudgetError ||
  (error instanceof NotFoundError && !error.retryable);
