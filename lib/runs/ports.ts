import type { OwnTrace } from '../observe/trace-context.ts';
import type { ListBounds } from './list/figures.ts';
import type { UsagePart } from './list/parts.ts';
import type { ListSort } from './list/sorted.ts';
import type { EventType, Run, RunStatus } from './run.ts';

/** The fields that a write may change; all others are set once, on acceptance, and can only be removed. */
export type RunChange = Partial<
  Pick<
    Run,
    | 'status'
    | 'attempts'
    | 'putBacks'
    | 'embedAttempts'
    | 'lease'
    | 'generations'
    | 'pending'
    | 'dueAt'
    | 'dueTries'
    | 'error'
    | 'diversity'
    | 'reserved'
    | 'charged'
    | 'chargedOn'
  >
> & {
  request?: null;
  template?: null;
  trace?: null;
  model?: '';
  labels?: [];
  models?: [];
  samples?: 0;
  metadata?: Record<string, never>;
  conversation?: null;
  previousRun?: null;
  turnKey?: null;
  /** Time from which the store may delete the run by itself, epoch ms. */
  expiresAt?: number;
};

/** Condition of a write; all fields must hold. `leaseBefore`: the lease is absent or ends earlier (epoch ms). */
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
  /** The name of a conversation, or the id of its first run. */
  conversation?: string;
  metadata?: Record<string, string>;
  /** Bounds of its figures; see `listFiguresOf`. */
  bounds?: ListBounds;
  /** Newest first without it. */
  sort?: ListSort;
  /** Whether tombstones are listed too, for sums of what was spent. */
  includesDeleted?: boolean;
};

/** A run as its caller's list holds it. Of a deleted run, only what it has used is left. */
export type ListedRun = Pick<
  Run,
  | 'id'
  | 'caller'
  | 'status'
  | 'createdAt'
  | 'model'
  | 'store'
  | 'metadata'
  | 'conversation'
  | 'previousRun'
  | 'file'
  | 'error'
> & {
  /** The beginning of the prompt, and of the first text; null when it is not known. */
  promptPreview: string | null;
  textPreview: string | null;
  /** The usage of each setting. */
  parts: UsagePart[];
  /** Of a deleted run: it had failed. */
  hasFailed?: true;
  /** Of a deleted run: its deletion has changed its usage, and the sum of its hour has yet to be marked. */
  recount?: true;
};

/** Has the usage of the hour of a run summed again, see `makeMarkUsage`. */
export type MarkUsage = (run: Pick<Run, 'caller' | 'createdAt'>) => Promise<void>;

/** The beginnings of a run's prompt and text, where they are at hand. */
export type Previews = Partial<Pick<ListedRun, 'promptPreview' | 'textPreview'>>;

/** A write to a list. Previews that are undefined stay as they are. */
export type ListedChange = Omit<ListedRun, keyof Previews> & Previews;

/**
 * Callers' lists of runs: what can be said of a run without reading it. They are written when a run is accepted, when
 * it has ended and when it is deleted, apart from the run's item, which is authoritative. Reads of entries are
 * consistent where `consistent` asks for it.
 */
export type RunList = {
  /** Writes an entry, unless a later stage of the run stands there: open, ended, deleted. Repeating it changes nothing. */
  put(entry: ListedChange): Promise<void>;
  /** Consistent by default. */
  get(
    key: Pick<ListedRun, 'caller' | 'createdAt' | 'id'>,
    options?: { consistent?: boolean },
  ): Promise<ListedRun | undefined>;
  /**
   * Pages of a caller's entries, newest first, of runs that were created from `since` (inclusive) to `until` (exclusive).
   * `after` is the place of the last one read (`listPosition`). `limit` is how many are wanted, a hint for the size of pages.
   */
  newest(query: {
    caller: string;
    limit: number;
    since?: string;
    until?: string;
    after?: string;
    consistent?: boolean;
  }): AsyncIterable<ListedRun[]>;
};

/** Stores run items with single-item conditional writes only. Reads are consistent unless stated otherwise. */
export type RunStore = {
  /** Returns false and writes nothing when an item with that id exists. */
  create(run: Run): Promise<boolean>;
  get(id: string): Promise<Run | undefined>;
  /** Returns the run after the write, or undefined when the condition does not hold. */
  change(id: string, change: RunChange, condition: RunCondition): Promise<Run | undefined>;
};

/** Reads a page of a caller's list; the contract is `listRuns`'s. */
export type ListRuns = (query: ListQuery) => Promise<{ runs: ListedRun[]; nextCursor: string | null }>;

/** The keys of an item with work left; `dueAt` in epoch ms. */
export type DueItem = { pk: string; sk: string; dueAt?: number };
/** `reconcile`: the item is looked at whether it is due or not, and nothing is taken for done that may not be. */
export type MoveOptions = { reconcile?: boolean };
/** The index of items with work left. */
export type DueIndex = {
  /** The number of shards in which an item may be, as it is now; it only grows. */
  shards(): Promise<number>;
  /** Pages of a shard's due items, oldest first. Eventually consistent: it may lag or repeat an item. */
  due(shard: number, before: number): AsyncIterable<DueItem[]>;
};

/**
 * UTF-8 objects by key. A range is in bytes, `end` exclusive. A multipart object exists only once it is completed.
 * `get` throws a retryable `NotFoundError` for a missing object.
 */
export type ContentStore = PartedUploads & {
  put(key: string, body: string, contentType: string): Promise<void>;
  /**
   * Copies within the store.
   *
   * @throws {NotFoundError} `missing_object`, retryable, when there is nothing to copy.
   * @throws {UpstreamError} `too_large_to_copy`, not retryable, above 5 GB.
   */
  copy(from: string, to: string, contentType: string): Promise<void>;
  get(key: string, range?: { start: number; end: number }): Promise<string>;
  /** Keys with this prefix, in no particular order. */
  list(prefix: string): Promise<string[]>;
  delete(keys: string[]): Promise<void>;
  /** Deletes an object if it still has this ETag. */
  deleteVersion(key: string, etag: string): Promise<void>;
};

/**
 * Multipart uploads. Parts are numbered from 1, and every part but the last has at least 5 MiB
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html). Uploading a part again replaces it. Completing
 * an upload again is harmless once the object exists. `putPart` and `completeUpload` throw a retryable `NotFoundError`
 * (`missing_upload`) for an upload that is not open.
 */
export type PartedUploads = {
  createUpload(key: string, contentType: string): Promise<string>;
  /** Returns the part's ETag, which `completeUpload` needs. */
  putPart(key: string, uploadId: string, number: number, body: Uint8Array): Promise<string>;
  completeUpload(key: string, uploadId: string, etags: string[]): Promise<void>;
};

/** A queue message. It is only a hint: the item that it points to is authoritative. */
export type Job =
  | { type: 'run'; run_id: string; turns?: number | undefined }
  | {
      type: 'line';
      file_id: string;
      block: number;
      line: number;
      start: number;
      end: number;
      /** The sweep sent it again, since its line was not done in time. */
      again?: true | undefined;
      /** How many lines of its block were in flight when it was sent; not in a message that was sent again. */
      in_flight?: number | undefined;
      /** How often it has waited for its turn, since its caller had as many jobs as it may; a run may have to, too. */
      turns?: number | undefined;
    };
/** `traceHeader` is the X-Ray header passed to the receiver; by default that of the sending invocation. */
type SendOptions = { delaySeconds?: number; traceHeader?: string };
export type JobQueue = { send(job: Job, options?: SendOptions): Promise<void> };
/** `sendAll` takes any number of jobs; when it rejects, some may have been sent. */
export type BulkJobQueue = JobQueue & {
  sendAll(jobs: readonly Job[], options?: Pick<SendOptions, 'delaySeconds'>): Promise<void>;
};

/** `file` tells intake to read a file or assemble its results; `partial` asks for the results so far. */
export type FileMessage = { type: 'file' | 'partial'; file_id: string };
export type FileQueue = {
  send(message: FileMessage, options?: Pick<SendOptions, 'delaySeconds'>): Promise<void>;
};

/** An event for the bus; the schemas of `detail` are in docs/events. */
export type DomainEvent = {
  type: EventType | 'FileCompleted';
  detail: Record<string, unknown>;
  /** The X-Ray header, sent next to the event and not inside `detail`. */
  traceHeader?: string;
};
/** `emit` resolves when every event is accepted and throws `UpstreamError` when some are not, after its retries. */
export type EventBus = { emit(events: DomainEvent[]): Promise<void> };

export type Ids = {
  runId(now: number): string;
  leaseToken(): string;
  /** The trace of the current invocation, or a new one. */
  trace(now: number): OwnTrace;
};
