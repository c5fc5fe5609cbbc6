import * as z from 'zod';
import type { Clock } from '../async/clock.ts';
import { InvalidInputError, issuesOf, NotFoundError } from '../errors.ts';
import type { Presign } from '../files/upload.ts';
import { dropAbsent } from '../json/value.ts';
import { LimitError } from '../limits/caller-limits.ts';
import { errorFields, type Log } from '../observe/log.ts';
import { LIST_FIGURES } from '../runs/list/figures.ts';
import { withTrueModel } from '../runs/list/query.ts';
import type { ContentStore, Ids } from '../runs/ports.ts';
import { readQueryParameters } from '../runs/query-parameters.ts';
import type { RequestDefaults } from '../runs/request.ts';
import type { Lease } from '../runs/run.ts';
import { type ExportQuery, readExportParameters, STREAM_FORMATS } from './query.ts';

export const EXPORT_FORMATS = [...STREAM_FORMATS, 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const EXPORT_STATUSES = ['queued', 'running', 'completed', 'failed'] as const;
type ExportStatus = (typeof EXPORT_STATUSES)[number] | 'deleted';

/** The record of an export into an object. Times are epoch ms, except `createdAt` and `endedAt` (ISO 8601). */
export type ExportJob = {
  id: string;
  caller: string;
  status: ExportStatus;
  createdAt: string;
  format: ExportFormat;
  /** Null once it is deleted. */
  query: ExportQuery | null;
  /** Rows and bytes of its object by now, as of its last checkpoint. */
  rows: number;
  bytes: number;
  endedAt: string | null;
  error: { code: string; message: string } | null;
  lease: Lease | null;
  attempts: number;
  dueAt: number | null;
  dueTries: number;
  /** From then on neither the record nor its object is shown, and the stores delete both. */
  expiresAt: number;
};

export type ExportChange = Partial<
  Pick<
    ExportJob,
    | 'status'
    | 'rows'
    | 'bytes'
    | 'endedAt'
    | 'error'
    | 'lease'
    | 'attempts'
    | 'dueAt'
    | 'dueTries'
    | 'expiresAt'
  >
> & { query?: null };

export type ExportCondition = {
  status?: ExportStatus[];
  leaseToken?: string;
  leaseBefore?: number;
  dueAt?: number | null;
};

/** Records of exports; every write is a conditional write of one item, and reads but `list` are consistent. */
export type ExportStore = {
  /** Returns false when there is one of this id. */
  create(job: ExportJob): Promise<boolean>;
  get(id: string): Promise<ExportJob | undefined>;
  change(id: string, change: ExportChange, condition: ExportCondition): Promise<ExportJob | undefined>;
  /** A caller's exports that are not deleted, newest first; the list may lag. */
  list(query: {
    caller: string;
    limit: number;
    cursor?: string;
  }): Promise<{ exports: ExportJob[]; nextCursor: string | null }>;
};

/** A message is a hint to look at the record. */
export type ExportMessage = { type: 'export'; export_id: string };
export type ExportQueue = { send(message: ExportMessage): Promise<void> };

const DAY_MS = 86_400_000;
const KEPT_DAYS = 7;
/** How long an object is kept after its export has ended: a week, or the retention if that is shorter. */
export const keptMs = (retentionDays: number | undefined): number =>
  Math.min(KEPT_DAYS, retentionDays ?? KEPT_DAYS) * DAY_MS;

/** When the sweep looks at an export again, in ms: after its message, and after a deletion, when no worker is left. */
const EXPORT_DUE = { queued: 60_000, purge: 20 * 60_000 } as const;

const MOST_OPEN = 3;
const RETRY_AFTER_MS = 60_000;

/** The folder of a caller's exports. */
export const exportFolder = (caller: string): string => `exports/@${caller}/`;

export const exportKey = ({ caller, id, format }: Pick<ExportJob, 'caller' | 'id' | 'format'>): string =>
  `${exportFolder(caller)}${id}.${format}`;

/** The key of an export's checkpoint. */
export const exportStateKey = ({ caller, id }: Pick<ExportJob, 'caller' | 'id'>): string =>
  `${exportFolder(caller)}${id}.state.json`;

const number = z.number().min(0).nullish();
const text = z.string().nullish();

/** The body of POST /exports, on the wire: the filters of GET /runs as fields. */
export const exportRequestSchema = z.strictObject({
  format: z.enum(EXPORT_FORMATS),
  status: text,
  model: text,
  label: text,
  since: text,
  until: text,
  file: text,
  metadata: z.record(z.string(), z.string()).nullish(),
  ...Object.fromEntries(
    LIST_FIGURES.flatMap((figure) => [
      [`min_${figure}`, number],
      [`max_${figure}`, number],
    ]),
  ),
  limit: z.int().min(1).nullish(),
  texts: z.boolean().nullish(),
  metadata_columns: z.array(z.string().min(1).max(64)).max(16).nullish(),
});

const parseRequest = (body: unknown, caller: string): { format: ExportFormat; query: ExportQuery } => {
  const parsed = exportRequestSchema.safeParse(body);
  if (!parsed.success) throw new InvalidInputError(issuesOf(parsed.error));
  const { format, metadata_columns: columns, metadata, ...fields } = parsed.data;
  // The same parser as that of GET /runs reads them.
  const pairs = Object.entries({ ...fields }).flatMap(([name, value]): [string, string][] =>
    value === null || value === undefined ? [] : [[name, String(value)]],
  );
  const pairsOfMetadata = Object.entries(metadata ?? {}).map(([key, value]): [string, string] => [
    `metadata.${key}`,
    value,
  ]);
  const read = readQueryParameters([...pairs, ...pairsOfMetadata]);
  const query = readExportParameters(read, caller);
  read.finish();
  return { format, query: { ...query, metadataColumns: [...new Set(columns ?? [])] } };
};

export type CreateExportDeps = {
  exports: ExportStore;
  exportQueue: ExportQueue;
  ids: Pick<Ids, 'runId'>;
  clock: Clock;
  log: Log;
  retentionDays: number | undefined;
  defaults: Pick<RequestDefaults, 'routeOf'>;
};

/**
 * Accepts an export of the caller's runs up to now. A message that cannot be sent is sent by the sweep.
 *
 * @throws {InvalidInputError} naming every wrong field.
 * @throws {LimitError} `too_many_exports` while three exports of the caller have not ended.
 */
export const createExport = async (
  body: unknown,
  caller: string,
  deps: CreateExportDeps,
): Promise<ExportJob> => {
  const { exports, exportQueue, ids, clock, log } = deps;
  const { format, query } = parseRequest(body, caller);
  const { exports: newest } = await exports.list({ caller, limit: 100 });
  if (newest.filter((job) => isOpen(job)).length >= MOST_OPEN)
    throw new LimitError(`${MOST_OPEN} exports have not ended yet; wait for one, or delete one`, {
      code: 'too_many_exports',
      retryAfterMs: RETRY_AFTER_MS,
    });
  const now = clock.now();
  const createdAt = new Date(now).toISOString();
  const job: ExportJob = {
    id: ids.runId(now).replace('run_', 'export_'),
    caller,
    status: 'queued',
    createdAt,
    format,
    query: { ...withTrueModel(query, deps.defaults), until: query.until ?? createdAt },
    rows: 0,
    bytes: 0,
    endedAt: null,
    error: null,
    lease: null,
    attempts: 0,
    dueAt: now + EXPORT_DUE.queued,
    dueTries: 0,
    expiresAt: now + DAY_MS + keptMs(deps.retentionDays),
  };
  await exports.create(job);
  log.info('export.accepted', { export_id: job.id, caller, format });
  try {
    await exportQueue.send({ type: 'export', export_id: job.id });
  } catch (error) {
    log.warn('export.delayed', { export_id: job.id, ...errorFields(error) });
  }
  return job;
};

const isOpen = ({ status }: Pick<ExportJob, 'status'>): boolean =>
  status === 'queued' || status === 'running';

/**
 * A caller's own export.
 *
 * @throws {NotFoundError} `not_found`, also once it has expired; `gone` when it was deleted.
 */
export const findExport = async (
  id: string,
  caller: string,
  { exports, clock }: Pick<CreateExportDeps, 'exports' | 'clock'>,
): Promise<ExportJob> => {
  const job = /^export_[0-9a-z]{10,60}$/.test(id) ? await exports.get(id) : undefined;
  if (job?.caller !== caller || job.expiresAt <= clock.now())
    throw new NotFoundError(`there is no export ${id.slice(0, 60)}`);
  if (job.status === 'deleted') throw new NotFoundError(`export ${id} was deleted`, { code: 'gone' });
  return job;
};

/** An export as the API shows it. */
export type ExportView = {
  id: string;
  object: 'export';
  status: (typeof EXPORT_STATUSES)[number];
  format: ExportFormat;
  created_at: string;
  ended_at: string | null;
  /** When its object is deleted, once it has ended. */
  expires_at: string | null;
  rows: number;
  bytes: number;
  download: { url: string; expires_at: string } | null;
  error: { code: string; message: string } | null;
};

const URL_SECONDS = 900;

/** The view of an export that is not deleted, with a URL of its object that is valid for a quarter of an hour. */
export const viewExport = async (
  job: ExportJob,
  { presign, clock }: { presign: Pick<Presign, 'get'>; clock: Pick<Clock, 'now'> },
): Promise<ExportView> => {
  const isReady = job.status === 'completed';
  return {
    id: job.id,
    object: 'export',
    status: job.status === 'deleted' ? 'failed' : job.status,
    format: job.format,
    created_at: job.createdAt,
    ended_at: job.endedAt,
    expires_at: job.endedAt === null ? null : new Date(job.expiresAt).toISOString(),
    rows: job.rows,
    bytes: job.bytes,
    download: isReady
      ? {
          url: await presign.get(exportKey(job), URL_SECONDS),
          expires_at: new Date(clock.now() + URL_SECONDS * 1_000).toISOString(),
        }
      : null,
    error: job.error,
  };
};

export type DeleteExportDeps = {
  exports: ExportStore;
  content: Pick<ContentStore, 'delete'>;
  clock: Clock;
  log: Log;
};

/**
 * Stops an export and deletes its object. A worker that is just ending it may write the object once more: the sweep has it
 * deleted again when no worker can be left.
 */
export const deleteExport = async (job: ExportJob, deps: DeleteExportDeps): Promise<void> => {
  const now = deps.clock.now();
  const deleted = await deps.exports.change(
    job.id,
    {
      status: 'deleted',
      query: null,
      error: null,
      lease: null,
      dueAt: now + EXPORT_DUE.purge,
      dueTries: 0,
      expiresAt: now + DAY_MS,
    },
    { status: ['queued', 'running', 'completed', 'failed'] },
  );
  if (!deleted) return;
  deps.log.info('export.deleted', { export_id: job.id });
  try {
    await deleteExportObjects(job, deps);
  } catch (error) {
    deps.log.warn('export.delayed', { export_id: job.id, ...errorFields(error) });
  }
};

export const deleteExportObjects = (
  job: Pick<ExportJob, 'caller' | 'id' | 'format'>,
  { content }: Pick<DeleteExportDeps, 'content'>,
): Promise<void> => content.delete([exportKey(job), exportStateKey(job)]);

/** Parses GET /exports. */
export const parseExportList = (parameters: Iterable<[string, string]>) => {
  const read = readQueryParameters(parameters);
  const found = { limit: read.limit(), cursor: read.text('cursor', 2_000) };
  read.finish();
  return dropAbsent(found);
};
