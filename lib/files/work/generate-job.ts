import type { Budget } from '../../budget/budget.ts';
import { ConflictError, InvalidInputError, NotFoundError, OverBudgetError } from '../../errors.ts';
import type { GenerateOne } from '../../generate/generate-one.ts';
import { type AcceptDeps, acceptRun } from '../../lifecycle/accept.ts';
import { claimRun } from '../../lifecycle/claim.ts';
import { emitPending } from '../../lifecycle/emit.ts';
import { type GenerateRunDeps, generateRun } from '../../lifecycle/generate-run.ts';
import { runFailed } from '../../lifecycle/measure-run.ts';
import { reserveForClaim } from '../../lifecycle/reserve.ts';
import { aboutRun } from '../../runs/about-run.ts';
import type { Job } from '../../runs/ports.ts';
import { requestOf } from '../../runs/read-run.ts';
import { type FileLine, isAnswered, type Run } from '../../runs/run.ts';
import { type AnswerDeps, answerFromBatch } from '../batch/answer-from-batch.ts';
import { countsOf } from '../counts.ts';
import type { LineOutcome } from '../ports.ts';
import type { PromptFile } from '../prompt-file.ts';
import { stopFile } from '../stop-file.ts';
import { completeBlock, type LineJob, readLine, type SendBlocksDeps } from './blocks.ts';
import { failedForAnother, findLineRun, parseLine } from './line-run.ts';
import { type MaxCostDeps, releaseLine, reserveForLine, settleLine } from './max-cost.ts';

export type JobDeps = AcceptDeps &
  GenerateRunDeps &
  AnswerDeps &
  MaxCostDeps &
  SendBlocksDeps & { budget: Budget };

/**
 * Works a job off: claims its run, generates what is missing, and marks its file's line as done. Resolves when
 * there is nothing to do, too. Throws what the queue should try again, or keep as a dead letter.
 */
export const generateJob = async (job: Job, deps: JobDeps, signal?: AbortSignal): Promise<void> => {
  if (job.type === 'line') await generateLine(job, deps, signal);
  else await generateClaimed(job.run_id, deps, signal);
};

const generateClaimed = async (
  id: string,
  deps: JobDeps,
  signal: AbortSignal | undefined,
  ofLine?: PromptFile,
): Promise<Run | undefined> => {
  const run = await claimRun(id, deps);
  const ended = run ? await generateOrEnd(run, deps, signal, ofLine) : await endedRun(id, deps);
  if (ended?.file) await markRunDone(ended, ended.file, deps, ofLine);
  return run && ended;
};

/** The run once it has ended, or nothing where it goes on later or elsewhere. */
const generateOrEnd = async (
  claimed: Run,
  deps: JobDeps,
  signal: AbortSignal | undefined,
  ofLine: PromptFile | undefined,
): Promise<Run | undefined> => {
  if (claimed.status !== 'generating') return emitFailed(claimed, deps);
  // Should this invocation die, its log tells which run it had.
  deps.log.info('run.claimed', { ...aboutRun(claimed), attempts: claimed.attempts });
  const request = await requestOf(claimed, deps);
  const run = await reserveForClaim(claimed, request, deps);
  if (run?.status === 'failed') return emitFailed(run, deps);
  if (run?.status !== 'generating') return undefined;
  try {
    const generateOne = await generateOneFor(run, ofLine, deps);
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
    // Put back with a message of its own, or taken by another worker, or cancelled: this message has done its part.
    if (error instanceof ConflictError) return undefined;
    throw error;
  }
};

/** A run that ended before anything of it was generated this time. */
const emitFailed = (run: Run, deps: JobDeps): Promise<Run> => {
  const fields = { ...aboutRun(run), attempts: run.attempts, 'error.type': run.error?.code };
  deps.log.info('run.failed', fields, runFailed());
  return emitPending(run, deps);
};

/** A run that a file of batches made has its answer there already; `ofLine` is the file whose line is worked off. */
const generateOneFor = async (
  { file: place }: Run,
  ofLine: PromptFile | undefined,
  deps: JobDeps,
): Promise<GenerateOne> => {
  const file = place ? await fileOf(place, ofLine, deps) : undefined;
  return place && file?.batch ? answerFromBatch(place, deps) : deps.generateOne;
};

/** A run that was cancelled, or ended by another worker, which may not have come to its file's line. */
const endedRun = async (id: string, { runs }: JobDeps): Promise<Run | undefined> => {
  const run = await runs.get(id);
  return run?.file && isAnswered(run) ? run : undefined;
};

const LEASE_RECHECK_SECONDS = 60;

const generateLine = async (job: LineJob, deps: JobDeps, signal: AbortSignal | undefined): Promise<void> => {
  const place: FileLine = { fileId: job.file_id, block: job.block, line: job.line };
  const file = await deps.files.get(job.file_id);
  if (file?.status !== 'generating') return;
  const entry = await readLine(job, deps);
  const { id, run: earlier } = await findLineRun(file, entry, deps);
  // A line that an earlier file has an answer for: most of a corrected file.
  if (earlier && earlier.status !== 'deleted' && isAnswered(earlier))
    return markRunDone(earlier, place, deps, file);
  // What has begun is finished, also after the stop; and what an earlier file has costs nothing.
  const isLimited = file.stopped !== null || file.maxCostUsd !== null;
  const isNew = isLimited && earlier === undefined;
  if (file.stopped && isNew) return skipLine(place, deps);
  try {
    const request = await parseLine(entry, deps.defaults);
    if (isNew && !(await reserveForLine(file, request, deps))) {
      await stopFile(file.id, 'max_cost_reached', deps);
      return await skipLine(place, deps);
    }
    await acceptRun({ id, body: entry.body, request, caller: file.caller, direct: false, file: place }, deps);
  } catch (error) {
    if (error instanceof OverBudgetError) {
      if (isNew) await releaseLine(file, await parseLine(entry, deps.defaults), deps);
      // The lines of this block wait for the next day; the sweep sends those again that are not done by then.
      await deps.files.changeBlock(
        place.fileId,
        place.block,
        { dueAt: deps.clock.now() + error.retryAfterMs, dueTries: 0 },
        {},
      );
      return;
    }
    // A bad line, or one whose run was deleted: its result is that error, and others go on.
    if (!(error instanceof InvalidInputError || (error instanceof NotFoundError && !error.retryable)))
      throw error;
    const { code, message } = error;
    await markLineDone(place, { counts: { failed: 1 }, error: { code, message } }, deps);
    return;
  }
  const worked = await generateClaimed(id, deps, signal, file);
  const run = worked ?? (await deps.runs.get(id));
  // Ended and marked already; or put back, or held for its budget: whoever takes it up then marks its line.
  if (run && isSamePlace(run.file, place) && run.status !== 'generating') return;
  // It failed for an earlier file while this line waited for it: now it is tried for this one.
  if (run && failedForAnother(run, file)) await deps.jobs.send(job);
  else if (run && isAnswered(run)) await markRunDone(run, place, deps, file);
  // Another worker has it, perhaps for an earlier version of this file, and will not mark this line.
  else await deps.jobs.send(job, { delaySeconds: LEASE_RECHECK_SECONDS });
};

const isSamePlace = (a: FileLine | null, b: FileLine): boolean => a?.fileId === b.fileId && a.line === b.line;

const skipLine = (place: FileLine, deps: JobDeps): Promise<void> =>
  markLineDone(place, { counts: { skipped: 1 }, skipped: true }, deps);

/** What was set aside for a run is settled by whoever is the first to mark its own file's line. */
const markRunDone = (
  ended: Run,
  place: FileLine,
  deps: JobDeps,
  known: PromptFile | undefined,
): Promise<void> =>
  markLineDone(place, { counts: countsOf(ended, place.fileId) }, deps, async () => {
    const file = isSamePlace(ended.file, place) ? await fileOf(place, known, deps) : undefined;
    if (file) await settleLine(file, ended, deps);
  });

/** A line's file: the one in hand, where it is that. What is asked of it here was settled when it was read. */
const fileOf = async (
  { fileId }: FileLine,
  known: PromptFile | undefined,
  { files }: JobDeps,
): Promise<PromptFile | undefined> => (known?.id === fileId ? known : files.get(fileId));

const markLineDone = async (
  { fileId, block: number, line }: FileLine,
  outcome: LineOutcome,
  deps: JobDeps,
  onFirst = async () => {},
): Promise<void> => {
  const { block, isFirst } = await deps.files.addDone(fileId, number, line, outcome);
  if (isFirst) await onFirst();
  // A block without a due time was completed already: this line's message came again.
  if (block.done.length === block.lines && block.dueAt !== null) await completeBlock(block, deps);
};
