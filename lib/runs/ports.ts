import type { OwnTrace } from '../observe/trace-context.ts';
import type { EventType, Run, RunStatus } from './run.ts';

/** Fields a write may change; all others of RUN are set once, when it is accepted. A request is only ever removed. */
export type RunChange = Partial<
  Pick<
    Run,
    | 'status'
    | 'attempts'
    | 'putBacks'
    | 'lease'
    | 'generations'
    | 'pending'
    | 'dueAt'
    | 'dueTries'
    | 'error'
    | 'diversity'
    | 'reserved'
    | 'chargedOn'
  >
> & {
  request?: null;
  /** From when on the store may drop the run by itself, epoch ms. */
  expiresAt?: number;
};

/** What must still hold for a write to be applied. `leaseBefore`: absent or older than this instant. */
export type RunCondition = {
  status?: RunStatus[];
  leaseToken?: string;
  leaseBefore?: number;
  dueAt?: number | null;
  pending?: EventType[];
};

export type ListQuery = {
  caller: string;
  limit: number;
  cursor?: string;
  since?: string;
  until?: string;
  status?: RunStatus;
  model?: string;
  label?: string;
  file?: string;
  metadata?: Record<string, string>;
};

/** What lists know of a run. */
export type ListedRun = Pick<
  Run,
  | 'id'
  | 'caller'
  | 'status'
  | 'createdAt'
  | 'model'
  | 'labels'
  | 'metadata'
  | 'generations'
  | 'file'
  | 'error'
>;

/** RUN items, by single-item conditional writes alone. Reads are consistent unless said otherwise. */
export type RunStore = {
  /** False when an item of that id is there already; nothing is written then. */
  create(run: Run): Promise<boolean>;
  get(id: string): Promise<Run | undefined>;
  /** The run as it is after the write, or undefined when the condition does not hold. */
  change(id: string, change: RunChange, condition: RunCondition): Promise<Run | undefined>;
  /** Newest first; eventually consistent. Throws `InvalidInputError` for a cursor it did not give out. */
  list(query: ListQuery): Promise<{ runs: ListedRun[]; nextCursor: string | null }>;
};

/** Keys of an item with work left, and since when it is due (epoch ms). */
export type DueItem = { pk: string; sk: string; dueAt?: number };
/** Items of a shard that are due, oldest first, a page at a time, from an index that may lag and may repeat one. */
export type DueIndex = { due(shard: number, before: number): AsyncIterable<DueItem[]> };

/**
 * Objects under keys, UTF-8. `get` throws a retryable `NotFoundError` for what is not there; a range is of bytes,
 * `end` not included. What is put in parts is there once it is completed, and not before.
 */
export type ContentStore = PartedUploads & {
  put(key: string, body: string, contentType: string): Promise<void>;
  /** Within the store. Throws a final `UpstreamError` (`too_large_to_copy`) above 5 GB. */
  copy(from: string, to: string, contentType: string): Promise<void>;
  get(key: string, range?: { start: number; end: number }): Promise<string>;
  /** Keys with this prefix, in no particular order. */
  list(prefix: string): Promise<string[]>;
  delete(keys: string[]): Promise<void>;
};

/**
 * An object put in parts, numbered from 1, each of at least 5 MiB but the last. Putting a part again replaces it.
 * `putPart` and `completeUpload` throw a retryable `NotFoundError` (`missing_upload`) for an upload that is not open;
 * completing one again is harmless once its object is there.
 */
export type PartedUploads = {
  createUpload(key: string, contentType: string): Promise<string>;
  /** Its ETag, which completing asks for. */
  putPart(key: string, uploadId: string, number: number, body: Uint8Array): Promise<string>;
  completeUpload(key: string, uploadId: string, etags: string[]): Promise<void>;
};

/** A message is only a hint; the item it points to is the truth. */
export type Job =
  | { type: 'run'; run_id: string }
  | { type: 'line'; file_id: string; block: number; line: number; start: number; end: number };
/** `traceHeader` is X-Ray's, for whoever takes the job; left out: that of the invocation that sends it. */
type SendOptions = { delaySeconds?: number; traceHeader?: string };
export type JobQueue = { send(job: Job, options?: SendOptions): Promise<void> };
/** For jobs in any number; when it rejects, some may have been sent. */
export type BulkJobQueue = JobQueue & {
  sendAll(jobs: readonly Job[], options?: Pick<SendOptions, 'delaySeconds'>): Promise<void>;
};

/** Asks intake to move a file on (to read it, or to assemble its results), or for what has ended of it so far. */
export type FileMessage = { type: 'file' | 'partial'; file_id: string };
export type FileQueue = { send(message: FileMessage): Promise<void> };

/** An event as the bus takes it; `detail` is checked against docs/events' schemas. */
export type DomainEvent = {
  type: EventType | 'FileCompleted';
  detail: Record<string, unknown>;
  /** X-Ray's, which goes beside the event, not in it. */
  traceHeader?: string;
};
/** Resolves when every event is accepted; throws `UpstreamError` when some still are not. */
export type EventBus = { emit(events: DomainEvent[]): Promise<void> };

export type Ids = {
  runId(now: number): string;
  leaseToken(): string;
  /** The trace that this very call belongs to, or a new one. */
  trace(now: number): OwnTrace;
};
