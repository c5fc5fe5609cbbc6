import { InvalidInputError, NotFoundError } from '../errors.ts';
import { type GenerateRunDeps, generateRun } from '../generate/generate-run.ts';
import { type AcceptDeps, acceptRun } from '../runs/accept-run.ts';
import { claimRun } from '../runs/claim-run.ts';
import { emitPending } from '../runs/emit-pending.ts';
import type { FileQueue, Job } from '../runs/ports.ts';
import { requestOf } from '../runs/read-run.ts';
import { type FileLine, isAnswered, type Run } from '../runs/run.ts';
import type { RequestDefaults } from '../runs/run-request.ts';
import { completeBlock } from './complete-block.ts';
import { lineRunId, parseLine } from './line-run.ts';
import { type FileLineEntry, type FileStore, linesKey } from './prompt-file.ts';

export type JobDeps = AcceptDeps &
  GenerateRunDeps & { files: FileStore; fileQueue: FileQueue; defaults: RequestDefaults };

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
): Promise<Run | undefined> => {
  const run = await claimRun(id, deps);
  if (!run) return undefined;
  const ended =
    run.status === 'generating'
      ? (await generateRun(run, await requestOf(run, deps), deps, signal ? { signal } : {})).run
      : await emitPending(run, deps);
  if (ended.file) await markLineDone(ended.file, deps);
  return ended;
};

type LineJob = Extract<Job, { type: 'line' }>;

const LEASE_RECHECK_SECONDS = 60;

const generateLine = async (job: LineJob, deps: JobDeps, signal: AbortSignal | undefined): Promise<void> => {
  const place: FileLine = { fileId: job.file_id, block: job.block, line: job.line };
  const file = await deps.files.get(job.file_id);
  if (file?.status !== 'generating') return;
  const entry: FileLineEntry = JSON.parse(await deps.content.get(linesKey(job.file_id), job));
  const id = lineRunId(deps.bucket, file, entry);
  try {
    const request = await parseLine(entry, deps.defaults);
    await acceptRun({ id, body: entry.body, request, caller: file.caller, direct: false, file: place }, deps);
  } catch (error) {
    // A bad line, or one whose run was deleted: its result is that error, and others go on.
    if (!(error instanceof InvalidInputError || (error instanceof NotFoundError && !error.retryable)))
      throw error;
    await markLineDone(place, deps);
    return;
  }
  const worked = await generateClaimed(id, deps, signal);
  if (worked && isSamePlace(worked.file, place)) return;
  const ended = worked ?? (await deps.runs.get(id));
  if (ended && isAnswered(ended)) await markLineDone(place, deps);
  // Another worker has it, perhaps for an earlier version of this file, and will not mark this line.
  else await deps.jobs.send(job, { delaySeconds: LEASE_RECHECK_SECONDS });
};

const isSamePlace = (a: FileLine | null, b: FileLine): boolean => a?.fileId === b.fileId && a.line === b.line;

const markLineDone = async ({ fileId, block: number, line }: FileLine, deps: JobDeps): Promise<void> => {
  const block = await deps.files.addDone(fileId, number, line);
  if (block.done.length === block.lines) await completeBlock(block, deps);
};
