import { ConfigurationError, EverytokenError, isRetryable } from '../../errors.ts';
import { errorFields } from '../../observe/log.ts';
import { LEASE_RENEWAL_MS } from '../../runs/due.ts';
import { type FileLease, type FileLeaseDeps, isFinal } from '../lease.ts';
import { type FileLimits, RESERVE_MS } from '../limits.ts';
import type { BatchPart, PromptFile } from '../prompt-file.ts';
import { type EndFileDeps, workOnFile } from '../results/end-file.ts';
import { type SendBlocksDeps, sendBlocks } from '../work/blocks.ts';
import { type PartInputDeps, partInput } from './input.ts';
import { type FileParts, makeFileParts, nextBlock, partMetadata } from './parts.ts';
import type { Batches, BatchJob } from './ports.ts';
import { saveAnswers } from './stored-answers.ts';

export type MoveBatchDeps = SendBlocksDeps &
  FileLeaseDeps &
  EndFileDeps &
  PartInputDeps & {
    batches: Batches;
    remainingMs: () => number;
    limits?: FileLimits;
    /** Rejects when the signal aborts first. */
    sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  };

const MINUTE = 60_000;
const FIRST_POLL_MS = 50_000;
/** How long a batch is resubmitted that the server rejects because its limit of enqueued tokens is reached. */
const PATIENCE_MS = 24 * 60 * MINUTE;
/** When a batch is given up that has not ended, or a server that fails: a batch takes 24 hours once it is accepted. */
const MOST_MS = 3 * 24 * 60 * MINUTE;
const NO_ROOM = 'token_limit_exceeded';

/**
 * Advances a file in batch mode: submits the parts that are not submitted, polls the open batches, saves the answers of
 * those that have ended, and sends the blocks that have their answers. Safe to repeat after a crash: before it creates
 * a batch, it looks for one that was created but not recorded.
 */
export const moveBatch = async (file: PromptFile, deps: MoveBatchDeps): Promise<void> => {
  await workOnFile(file, 'generating', deps, async (lease) => {
    const parts = makeFileParts(lease);
    const shouldStop = () => parts.isStopped() || deps.remainingMs() < RESERVE_MS;
    try {
      await advanceParts(parts, shouldStop, lease, deps);
    } catch (error) {
      // A server that is down for hours, or refuses its key until someone looks, must not cost a batch that is paid:
      // such an attempt does not count.
      const isPassing = isRetryable(error) || error instanceof ConfigurationError;
      if (isPassing && !isOverdue(file, deps)) await lease.change({ attempts: 0 });
      throw error;
    }
    await lease.release(parts.isWaiting() ? pollMs(lease.file, deps.clock.now()) : MINUTE);
    // Out of time, or stopped meanwhile: another invocation continues at once.
    if (shouldStop()) await deps.fileQueue.send({ type: 'file', file_id: file.id });
  });
  const moved = await deps.files.get(file.id);
  if (moved?.status === 'generating') await sendBlocks(moved, deps);
};

/** Submits what is not submitted, and polls what is. */
const advanceParts = async (
  parts: FileParts,
  shouldStop: () => boolean,
  lease: FileLease,
  deps: MoveBatchDeps,
): Promise<void> => {
  while (!shouldStop() && (await submitNext(parts, lease, deps)));
  for (const part of parts.all()) {
    if (shouldStop()) return;
    if (part.isAnswered || part.batchId === null) continue;
    await pollPart(part, parts, lease, deps).catch((error) =>
      endMissingPart(error, part, parts, lease, deps),
    );
  }
};

const isOverdue = (file: PromptFile, { clock }: Pick<MoveBatchDeps, 'clock'>): boolean =>
  clock.now() >= beganAt(file) + MOST_MS;

/** The poll interval: a tenth of the time waited so far, from about each sweep at first up to ten minutes. */
const pollMs = ({ generatingAt }: PromptFile, now: number): number => {
  const waited = generatingAt === null ? 0 : now - Date.parse(generatingAt);
  return Math.min(10 * MINUTE, Math.max(FIRST_POLL_MS, waited / 10));
};

/** The lower bound of when a file's batches were created (epoch ms). */
const beganAt = ({ generatingAt, createdAt }: PromptFile): number => Date.parse(generatingAt ?? createdAt);

/** Submits one part; false when all are submitted. */
const submitNext = async (parts: FileParts, lease: FileLease, deps: MoveBatchDeps): Promise<boolean> => {
  const { file } = lease;
  const resubmitted = parts.all().find(({ batchId, isAnswered }) => batchId === null && !isAnswered);
  const first = resubmitted?.first ?? nextBlock(parts.all());
  if (first >= file.blocks) return false;
  await lease.renew();
  const metadata = partMetadata(file.id, first);
  const found = await deps.batches.find(metadata, beganAt(file));
  if (found) {
    const end = resubmitted?.end ?? Number(found.metadata.everytoken_end);
    await parts.put({ first, end, batchId: found.id, isAnswered: false });
    return true;
  }
  const { renew } = lease;
  const { lines, end } = await partInput(file, first, deps, {
    renew,
    ...(resubmitted && { end: resubmitted.end }),
  });
  const part: BatchPart = { first, end, batchId: null, isAnswered: false };
  if (lines.length === 0) {
    await takeAnswers(part, { status: 'completed', resultFiles: [], error: null }, parts, lease, deps);
    return true;
  }
  await lease.renew();
  try {
    const batchMetadata = { ...metadata, everytoken_end: String(end) };
    const job = await whileRenewing(lease, deps, () => deps.batches.create(lines, batchMetadata));
    deps.log.info('batch.submitted', { file_id: file.id, batch_id: job.id, lines: lines.length });
    await parts.put({ ...part, batchId: job.id });
  } catch (error) {
    if (!isFinal(error)) throw error;
    deps.log.warn('batch.refused', { file_id: file.id, code: error.code });
    await takeAnswers(part, failedBy(error), parts, lease, deps);
  }
  return true;
};

/** Renews the lease during the work. An upload may outlast a lease, and another worker would create the batch again. */
const whileRenewing = async <T>(
  { renew }: FileLease,
  { sleep }: MoveBatchDeps,
  work: () => Promise<T>,
): Promise<T> => {
  const ended = new AbortController();
  const keep = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      await sleep(LEASE_RENEWAL_MS, ended.signal);
      await renew();
    }
  };
  // A lost lease surfaces when the batch is recorded.
  const kept = keep().catch(() => undefined);
  try {
    return await work();
  } finally {
    ended.abort();
    await kept;
  }
};

const pollPart = async (
  part: BatchPart,
  parts: FileParts,
  lease: FileLease,
  deps: MoveBatchDeps,
): Promise<void> => {
  await lease.renew();
  const { file } = lease;
  const job = await deps.batches.get(part.batchId ?? '');
  if (job.status === 'open') {
    if (!isOverdue(file, deps)) return;
    await deps.batches.cancel(job.id);
    await takeAnswers(part, { ...job, status: 'expired' }, parts, lease, deps);
    return;
  }
  deps.log.info('batch.ended', { file_id: file.id, batch_id: job.id, status: job.status });
  const canRetry = deps.clock.now() < beganAt(file) + PATIENCE_MS;
  if (job.status === 'failed' && job.error?.code === NO_ROOM && canRetry)
    await parts.put({ ...part, batchId: null });
  else await takeAnswers(part, job, parts, lease, deps);
};

/** Ends a part whose batch or results the server no longer has. Rethrows any other error. */
const endMissingPart = async (
  error: unknown,
  part: BatchPart,
  parts: FileParts,
  lease: FileLease,
  deps: MoveBatchDeps,
): Promise<void> => {
  if (!(error instanceof EverytokenError) || error.code !== 'no_batches') throw error;
  deps.log.warn('batch.gone', { file_id: lease.file.id, batch_id: part.batchId });
  await takeAnswers(part, failedBy(error), parts, lease, deps);
};

const failedBy = ({ code, message }: EverytokenError): Ended => ({
  status: 'failed',
  resultFiles: [],
  error: { code, message },
});

type Ended = Pick<BatchJob, 'status' | 'resultFiles' | 'error'>;

const takeAnswers = async (
  part: BatchPart,
  job: Ended,
  parts: FileParts,
  lease: FileLease,
  deps: MoveBatchDeps,
): Promise<void> => {
  await saveAnswers(lease.file.id, part, job, deps, lease.renew);
  await parts.put({ ...part, isAnswered: true });
};

/** Cancels a stopped file's batches at the model server. A batch that cannot be cancelled runs to its end. */
export const cancelBatches = async (
  file: PromptFile,
  { batches, log }: Pick<MoveBatchDeps, 'batches' | 'log'>,
): Promise<void> => {
  const { id, blocks } = file;
  const parts = file.batch ?? [];
  try {
    for (const { batchId, isAnswered } of parts)
      if (batchId !== null && !isAnswered) await batches.cancel(batchId);
    // A worker may have crashed between creating a batch and recording it.
    const next = nextBlock(parts);
    const unrecorded = next < blocks ? await batches.find(partMetadata(id, next), beganAt(file)) : undefined;
    if (unrecorded?.status === 'open') await batches.cancel(unrecorded.id);
  } catch (error) {
    log.warn('batch.not_cancelled', { file_id: id, ...errorFields(error) });
  }
};
