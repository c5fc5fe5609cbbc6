import type { Lease } from '../runs/run.ts';
import { type FileCounts, noCounts } from './counts.ts';
import type { RecordError } from './formats/faults.ts';

/** `awaiting_upload`: announced by POST /files; `cancelled`: before anything of it was read, or never uploaded. */
export const FILE_STATUSES = [
  'awaiting_upload',
  'reading',
  'generating',
  'completed',
  'completed_with_errors',
  'failed',
  'cancelled',
] as const;
export type FileStatus = (typeof FILE_STATUSES)[number];

/** Why a file was stopped: by its caller, or by its own `max_cost_usd`. */
export type StopCode = 'cancelled' | 'max_cost_reached';

/** A prompt file of one content; its id follows from bucket, key, ETag and sidecar. Times are epoch ms but ISO ones. */
export type PromptFile = {
  id: string;
  caller: string;
  key: string;
  etag: string;
  sequencer: string;
  size: number;
  status: FileStatus;
  createdAt: string;
  /** A sidecar was there when the file came; it is kept as `files/{id}/defaults.json`. */
  hasSidecar: boolean;
  /** Known once the file has been read, as are all up to `generatingAt`. */
  lines: number;
  /** Lines that are no valid request; they are never sent. */
  refused: number;
  blocks: number;
  rerun: boolean;
  dryRun: boolean;
  maxCostUsd: number | null;
  generatingAt: string | null;
  /** Blocks below this number have been sent, in order; the others wait for room. */
  sentBlocks: number;
  /** Blocks whose lines are all done, and the sums of their counts. */
  fullBlocks: number[];
  counts: FileCounts;
  stopped: { code: StopCode; at: string } | null;
  /** The batches of a file of `mode: "batch"`, in the order of their blocks; null: its lines are generated one by one. */
  batch: BatchPart[] | null;
  endedAt: string | null;
  /** Of whoever reads the file or assembles its results. */
  lease: Lease | null;
  /** FileCompleted is committed but not known to be sent. */
  pending: boolean;
  dueAt: number | null;
  dueTries: number;
  error: { code: string; message: string } | null;
};

/**
 * Blocks `first` to `end` (exclusive) of a prompt file, whose lines make one batch at the model server. `batchId` is
 * null until the batch is submitted, or when there was nothing to submit.
 */
export type BatchPart = { first: number; end: number; batchId: string | null; isAnswered: boolean };

type New = Pick<PromptFile, 'id' | 'caller' | 'key' | 'etag' | 'createdAt' | 'dueAt'>;

/** A FILE that is still to be read. */
export const newFile = (own: New & Partial<PromptFile>): PromptFile => ({
  sequencer: '0',
  size: 0,
  status: 'reading',
  hasSidecar: false,
  lines: 0,
  refused: 0,
  blocks: 0,
  rerun: false,
  dryRun: false,
  maxCostUsd: null,
  generatingAt: null,
  sentBlocks: 0,
  fullBlocks: [],
  counts: noCounts(),
  stopped: null,
  batch: null,
  endedAt: null,
  lease: null,
  pending: false,
  dueTries: 0,
  error: null,
  ...own,
});

/** Lines of a file that are sent together; the lines themselves are in `blockKey`'s object. */
export type Block = {
  fileId: string;
  number: number;
  /** Numbers as a person counts them; blank lines leave gaps. */
  firstLine: number;
  lastLine: number;
  lines: number;
  delaySeconds: number;
  done: number[];
  /** Those of `done` that had not begun when the file was stopped. */
  skipped: number[];
  /** By line: why it has no run, where that showed only when it was to begin. */
  errors: Record<number, { code: string; message: string }>;
  counts: FileCounts;
  dueAt: number | null;
  dueTries: number;
};

/**
 * A line in its block's object: a run request, or why it is none. `occurrence` counts equal bodies before it: equal
 * lines are runs of their own.
 */
export type FileLineEntry = {
  line: number;
  occurrence: number;
  body: unknown;
  error?: RecordError;
  /** Of an OpenAI Batch line. */
  custom_id?: string;
  /** A table's row as it stood. */
  columns?: Record<string, string>;
};

export const blockKey = (fileId: string, number: number): string =>
  `files/${fileId}/blocks/${String(number).padStart(6, '0')}.jsonl`;

/** `prompts/@{caller}/…` belongs to that caller, every other prompt file to `files`. */
export const callerOfKey = (key: string): string => /^prompts\/@([^/]+)\//.exec(key)?.[1] ?? 'files';

/** Nothing is done for it any more. */
export const hasFileEnded = ({ status }: Pick<PromptFile, 'status'>): boolean =>
  status !== 'awaiting_upload' && status !== 'reading' && status !== 'generating';

/** S3's rule for sequencers of one key: padded with zeros on the right, they compare as text. */
export const sequencerOrder = (sequencer: string): string => sequencer.toUpperCase().padEnd(32, '0');

/** How many blocks have to be full before results can be assembled: the others are not sent (any more). */
export const awaitedBlocks = ({ dryRun, stopped, blocks, sentBlocks }: PromptFile): number =>
  dryRun || stopped ? sentBlocks : blocks;

export const isReady = (file: PromptFile): boolean =>
  file.status === 'generating' && file.fullBlocks.length >= awaitedBlocks(file);
