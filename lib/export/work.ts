import type { Clock } from '../async/clock.ts';
import { ConflictError, codeOf, isRetryable } from '../errors.ts';
import { errorFields, type Log } from '../observe/log.ts';
import { backedOff, heldBy, MAX_ATTEMPTS, makeRenewal } from '../runs/due.ts';
import type { ContentStore, DueItem, Ids } from '../runs/ports.ts';
import type { Encoder, EncoderState } from './encoder.ts';
import {
  deleteExportObjects,
  type ExportChange,
  type ExportJob,
  type ExportQueue,
  type ExportStore,
  exportKey,
  exportStateKey,
  keptMs,
} from './job.ts';
import { makeEncoder } from './make-encoder.ts';
import { makePartWriter, NO_PARTS, type PartState } from './object.ts';
import { type ExportDeps, exportRows } from './rows.ts';

export type WorkDeps = Omit<ExportDeps, 'content'> & {
  exports: ExportStore;
  content: ContentStore;
  ids: Pick<Ids, 'leaseToken'>;
  clock: Clock;
  log: Log;
  retentionDays: number | undefined;
  /** Milliseconds left in this invocation. */
  remainingMs: () => number;
  /** Bytes of a part of the object; S3's minimum is 5 MiB. */
  partBytes?: number;
};

/** Time reserved for a checkpoint and the message to the next invocation, in ms. */
const RESERVE_MS = 45_000;
const PART_BYTES = 5 * 1024 * 1024;
const RETRY_MS = 60_000;
/** Attempts that go on from the last checkpoint. Later ones begin anew, in case the checkpoint itself is the fault. */
const ATTEMPTS_FROM_CHECKPOINT = 3;

export type MoveExportDeps = Pick<WorkDeps, 'exports' | 'clock'> & { exportQueue: ExportQueue };

/** Moves a due export on: sends a message to its function, unless a worker has it. */
export const moveExport = async (
  { pk }: DueItem,
  { exports, exportQueue, clock }: MoveExportDeps,
): Promise<void> => {
  const id = pk.slice('EXPORT#'.length);
  const job = await exports.get(id);
  if (!job || job.dueAt === null) return;
  // The last deletion of its object keeps its time, even when the sweep treats all items as due.
  if (job.status === 'deleted' && job.dueAt > clock.now()) return;
  const leasedUntil = job.lease && job.lease.until > clock.now() ? job.lease.until : undefined;
  const isMine = await exports.change(
    id,
    leasedUntil === undefined
      ? { dueAt: clock.now() + backedOff(RETRY_MS, job.dueTries), dueTries: job.dueTries + 1 }
      : { dueAt: leasedUntil + 1 },
    { status: [job.status], dueAt: job.dueAt },
  );
  if (isMine && leasedUntil === undefined) await exportQueue.send({ type: 'export', export_id: id });
};

/**
 * Takes the next step of an export, by its status: writes its object, or deletes it once more. It works under a lease and
 * in parts, so another invocation goes on from the last checkpoint after a crash, or when time runs out. After five
 * attempts without a new checkpoint the export fails. Does nothing while another worker has the lease.
 */
export const continueExport = async (id: string, deps: WorkDeps): Promise<void> => {
  const job = await deps.exports.get(id);
  if (job?.status === 'deleted' && job.dueAt !== null) {
    await deleteExportObjects(job, deps);
    await deps.exports.change(id, { dueAt: null }, { status: ['deleted'] });
    return;
  }
  const lease = job && (await takeLease(job, deps));
  if (!lease) return;
  try {
    if (lease.job.attempts > MAX_ATTEMPTS) await fail(lease, EXHAUSTED, deps);
    else await write(lease, deps);
  } catch (error) {
    await leave(lease, error, deps);
  }
};

const EXHAUSTED = {
  code: 'attempts_exhausted',
  message: `${MAX_ATTEMPTS} attempts to write this export failed; ask for it again, with fewer runs`,
};

type JobLease = {
  job: ExportJob;
  /** @throws {ConflictError} `lease_lost` when this worker no longer holds it, or the export was deleted. */
  change(change: ExportChange): Promise<void>;
  /** Extends the lease when it is due for renewal. */
  renew(): Promise<void>;
};

const takeLease = async (
  { id, attempts }: ExportJob,
  { exports, ids, clock }: WorkDeps,
): Promise<JobLease | undefined> => {
  const token = ids.leaseToken();
  const job = await exports.change(
    id,
    { ...heldBy(token, clock.now()), status: 'running', attempts: attempts + 1 },
    { status: ['queued', 'running'], leaseBefore: clock.now() },
  );
  if (!job) return undefined;
  const change = async (fields: ExportChange): Promise<void> => {
    const changed = await exports.change(id, fields, { status: ['running'], leaseToken: token });
    if (!changed)
      throw new ConflictError(`this worker no longer holds the lease on ${id}`, { code: 'lease_lost' });
  };
  return {
    job,
    change,
    renew: makeRenewal(() => change(heldBy(token, clock.now())), clock),
  };
};

/** A checkpoint: `cursor` is that of the last row in the object. */
type Checkpoint = { cursor: string | null; rows: number; object: PartState; encoder: EncoderState };

const write = async (lease: JobLease, deps: WorkDeps): Promise<void> => {
  const { job } = lease;
  const { query } = job;
  if (query === null) throw new Error(`export ${job.id} has no query`);
  const isFromCheckpoint = job.attempts <= ATTEMPTS_FROM_CHECKPOINT;
  const from = isFromCheckpoint ? await loadCheckpoint(job, deps) : undefined;
  const { partBytes = PART_BYTES } = deps;
  const encoder = makeEncoder(job.format, query.metadataColumns, partBytes, from && { state: from.encoder });
  const object = makePartWriter(
    { key: exportKey(job), contentType: encoder.contentType, partBytes },
    deps.content,
    from?.object ?? NO_PARTS,
  );
  let { cursor, rows } = from ?? { cursor: query.cursor ?? null, rows: 0 };
  const left = query.limit === undefined ? undefined : query.limit - rows;
  const save = async () => {
    await object.write(encoder.take({ all: true }));
    await saveCheckpoint(job, { cursor, rows, object: object.state(), encoder: encoder.state() }, deps);
    await lease.change({ attempts: 0, rows, bytes: object.bytes() });
  };

  let savedParts = object.parts();
  const rest = {
    ...query,
    ...(cursor !== null && { cursor }),
    ...(left !== undefined && { limit: left }),
  };
  for await (const step of left === 0 ? [] : exportRows(rest, deps)) {
    await lease.renew();
    if (step.row) {
      encoder.add(step.row);
      rows += 1;
    }
    cursor = step.cursor;
    await object.write(encoder.take());
    if (object.parts() > savedParts) {
      await save();
      savedParts = object.parts();
    }
    if (deps.remainingMs() >= RESERVE_MS) continue;
    await save();
    await handOver(lease, deps);
    return;
  }
  await end(lease, encoder, object, rows, deps);
};

const end = async (
  lease: JobLease,
  encoder: Encoder,
  object: ReturnType<typeof makePartWriter>,
  rows: number,
  deps: WorkDeps,
): Promise<void> => {
  const { job } = lease;
  await object.write(encoder.end());
  await lease.renew();
  await object.end();
  const now = deps.clock.now();
  const bytes = object.bytes();
  await lease.change({
    ...{ status: 'completed', rows, bytes, endedAt: new Date(now).toISOString() },
    ...{ lease: null, dueAt: null, dueTries: 0, expiresAt: now + keptMs(deps.retentionDays) },
  });
  deps.log.info('export.completed', { export_id: job.id, rows, bytes });
  await deps.content.delete([exportStateKey(job)]);
};

const fail = async (lease: JobLease, error: ExportJob['error'], deps: WorkDeps): Promise<void> => {
  const { job } = lease;
  const now = deps.clock.now();
  await lease.change({
    ...{ status: 'failed', error, endedAt: new Date(now).toISOString() },
    ...{ lease: null, dueAt: null, dueTries: 0, expiresAt: now + keptMs(deps.retentionDays) },
  });
  deps.log.error('export.failed', { export_id: job.id, code: error?.code });
  await deps.content.delete([exportStateKey(job)]);
};

/** Leaves an export to another invocation, for which the sweep sends a message within a minute. */
const handOver = async (lease: JobLease, deps: WorkDeps): Promise<void> => {
  deps.log.info('export.goes_on', { export_id: lease.job.id });
  await lease.change({ lease: null, dueAt: deps.clock.now(), dueTries: 0, attempts: 0 });
};

const leave = async (lease: JobLease, error: unknown, deps: WorkDeps): Promise<void> => {
  const { job } = lease;
  const code = codeOf(error);
  if (code === 'lease_lost') {
    deps.log.warn('export.left', { export_id: job.id, code });
    return;
  }
  // The upload was completed by an attempt that could not record it, or S3 has removed it: begin anew.
  if (code === 'missing_upload') await deps.content.delete([exportStateKey(job)]);
  if (!isRetryable(error)) {
    await fail(lease, { code, message: 'the export cannot be written' }, deps);
    return;
  }
  await lease
    .change({ lease: null, dueAt: deps.clock.now() + backedOff(RETRY_MS, job.dueTries) })
    .catch((failure: unknown) =>
      deps.log.warn('export.left', { export_id: job.id, ...errorFields(failure) }),
    );
  throw error;
};

const loadCheckpoint = async (
  job: ExportJob,
  { content }: Pick<WorkDeps, 'content'>,
): Promise<Checkpoint | undefined> => {
  try {
    return JSON.parse(await content.get(exportStateKey(job))) as Checkpoint;
  } catch (error) {
    if (codeOf(error) === 'missing_object') return undefined;
    throw error;
  }
};

const saveCheckpoint = (
  job: ExportJob,
  checkpoint: Checkpoint,
  { content }: Pick<WorkDeps, 'content'>,
): Promise<void> => content.put(exportStateKey(job), JSON.stringify(checkpoint), 'application/json');
