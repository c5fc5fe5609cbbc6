import type { TakenView } from '../estimate/view.ts';
import type { ResponseBlock } from '../runs/request-schema.ts';
import type { Lease } from '../runs/run.ts';
import type { Addition } from '../runs/template.ts';
import { type FileCounts, noCounts } from './counts.ts';
import type { BatchEndpoint } from './formats/batch-line.ts';
import type { RecordError } from './formats/faults.ts';
import type { LineErrors } from './line-errors.ts';

/** `awaiting_upload`: created by POST /files, not uploaded yet. `cancelled`: stopped before it was read, or never uploaded. */
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

/** `deleting`: nobody can read it any more, and its data is being removed. `deleted`: a tombstone is left. */
type StoredStatus = FileStatus | 'deleting' | 'deleted';

/** The reason for which a file was stopped: its caller cancelled it, or it reached its `max_cost_usd`. */
export type StopCode = 'cancelled' | 'max_cost_reached';

/**
 * A prompt file of one content: another content of the same key is another file. Times that are numbers are epoch ms,
 * those that are texts ISO 8601 in UTC.
 */
export type PromptFile = {
  id: string;
  caller: string;
  /** SHA-256 of the stored API key that announced the file's upload; null for any other file. */
  apiKey: string | null;
  key: string;
  /** The key by which its lines are known, so that files of one such key share their runs; null: `key` itself. */
  lineKey: string | null;
  /** The ended file that this one retries; null for any other. */
  retryOf: string | null;
  /** The file by whose id the lines of a `rerun` are known; null: its own. A retry of one reuses its answers. */
  rerunAs: string | null;
  /** The last retry of this file, which is claimed here before it is made. */
  retriedAs: string | null;
  /** The batch of OpenAI's API that it is; null for any other file. */
  openaiBatch: OpenAIBatch | null;
  etag: string;
  sequencer: string;
  size: number;
  status: StoredStatus;
  createdAt: string;
  /** Whether defaults came along (in a sidecar, or in POST /files); they are stored as `files/{id}/defaults.json`. */
  hasSidecar: boolean;
  /** This field and those up to `generatingAt` are known once the file was read. */
  lines: number;
  /** Lines that are not valid requests; they are never sent. */
  refused: number;
  blocks: number;
  rerun: boolean;
  dryRun: boolean;
  maxCostUsd: number | null;
  /**
   * The expected tokens and cost of all its accepted lines; null for comparisons, for embeddings, and for files that an
   * earlier version read.
   */
  estimate: TakenView | null;
  generatingAt: string | null;
  /** How many blocks were sent, in order; the others wait for room in the window. */
  sentBlocks: number;
  /** Blocks whose lines are all done. `counts` are the sums over these alone. */
  fullBlocks: number[];
  counts: FileCounts;
  /** Errors of the refused lines, once the file was read, and of the failed and skipped lines of full blocks. */
  errors: LineErrors[];
  /** How many lines were done at some moments of the last minute, by which the file's pace is told. */
  pace: PaceMark[];
  stopped: { code: StopCode; at: string } | null;
  /** The batches of a file of `mode: "batch"`, in the order of their blocks; null for any other file. */
  batch: BatchPart[] | null;
  endedAt: string | null;
  /** The lease of the worker that reads the file, moves its batches, or assembles its results. */
  lease: Lease | null;
  /** Leases taken since the file last advanced. The fifth that is lost ends the file. */
  attempts: number;
  /** Whether the event FileCompleted is committed but not known to be sent. */
  pending: boolean;
  dueAt: number | null;
  dueTries: number;
  error: { code: string; message: string } | null;
  /** How far its data is removed; null unless it is `deleting`. */
  purge: Purge | null;
  /** A comparison in short, for lists; null for any other file, and for comparisons of earlier versions. */
  comparison: ComparisonSummary | null;
};

/** A batch in OpenAI's Batch API. `inputKey` is the key of the object that `inputFileId` names. */
export type OpenAIBatch = {
  endpoint: BatchEndpoint;
  inputFileId: string;
  inputKey: string;
  metadata: Record<string, string> | null;
};

/** How many lines of a file were done at a moment (epoch ms), reused and skipped ones included. */
export type PaceMark = { at: number; done: number };

/**
 * A comparison in short. `status` is its last one, and null until it is known that all its runs have ended: the file
 * itself ends before they are indexed, and counts a run as completed of which some outputs failed.
 */
export type ComparisonSummary = {
  name: string | null;
  prompts: number;
  samples: number;
  settings: { label: string; model: string }[];
  status: 'completed' | 'completed_with_errors' | 'failed' | null;
};

/**
 * The progress of a purge that began at `since` (epoch ms): of the first pass, or of the last one, `blocks` blocks are
 * done.
 */
type Purge = { since: number; isLast: boolean; blocks: number };

/**
 * Blocks `first` to `end` (exclusive) of a prompt file, whose lines are one batch at the model server. `batchId` is
 * null until the batch is submitted, and stays null when there is nothing to submit or the server refuses the batch.
 */
export type BatchPart = { first: number; end: number; batchId: string | null; isAnswered: boolean };

type New = Pick<PromptFile, 'id' | 'caller' | 'key' | 'etag' | 'createdAt' | 'dueAt'>;

/** Makes a file that is still to be read; `own` overrides the initial values. */
export const newFile = (own: New & Partial<PromptFile>): PromptFile => ({
  apiKey: null,
  lineKey: null,
  retryOf: null,
  rerunAs: null,
  retriedAs: null,
  openaiBatch: null,
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
  estimate: null,
  generatingAt: null,
  sentBlocks: 0,
  fullBlocks: [],
  counts: noCounts(),
  errors: [],
  pace: [],
  stopped: null,
  batch: null,
  endedAt: null,
  lease: null,
  attempts: 0,
  pending: false,
  dueTries: 0,
  error: null,
  purge: null,
  comparison: null,
  ...own,
});

/** Lines of a file that are sent together. The lines themselves are in the object at `blockKey`. */
export type Block = {
  fileId: string;
  number: number;
  /** Line numbers count from 1; blank lines leave gaps. */
  firstLine: number;
  lastLine: number;
  lines: number;
  delaySeconds: number;
  /** How many lines need not be sent any more: the refused ones, and those sent so far, which are the first ones. */
  sent: number;
  done: number[];
  /** The lines of `done` that had not begun when the file was stopped. */
  skipped: number[];
  /** Errors of lines that were refused only when they were about to begin, by line; these have no run. */
  errors: Record<number, { code: string; message: string }>;
  /** The answers of lines that ask for embeddings, by line; these have no run. */
  answers: Record<number, LineAnswer>;
  /** The lines of `done` that failed, by the code of their error; refused and skipped ones are not among them. */
  failed: Record<string, number[]>;
  counts: FileCounts;
  dueAt: number | null;
  dueTries: number;
};

/**
 * Points at the stored answer of a line that has no run, or at its error in the server's words. `token` names the object
 * among those of all attempts at the line, `bytes` is its size. `isReused`: it was copied from an earlier file.
 */
export type LineAnswer = { token: string; bytes: number; isReused?: true };

/**
 * A line in its block's object: a run request, a request for embeddings, or the error that refuses it. `occurrence` is the
 * number of equal bodies before it in the file, so that equal lines have runs of their own.
 */
export type FileLineEntry = {
  line: number;
  occurrence: number;
  /** The request; null for a refused line, left out of one that has an `addition`. */
  body?: unknown;
  /** The part that the line adds to its file's template, in the object at `templateKey`; the request is made of both. */
  addition?: Addition;
  error?: RecordError;
  /** The custom_id of a line for OpenAI's Batch API. */
  custom_id?: string;
  /** Of a line of a batch that asks for a response: the settings that its answer tells back. */
  response?: ResponseBlock;
  /** The row of a table, unchanged, or the other fields of a text's front matter. */
  columns?: Record<string, string>;
};

/** How many lines of a block were sent and are not done. */
export const inFlight = ({ sent, done }: Pick<Block, 'sent' | 'done'>): number =>
  // A stop also marks lines done that were never sent.
  Math.max(0, sent - done.length);

/** The prefix of everything that is stored for a file but its source and its results. */
export const filePrefix = (fileId: string): string => `files/${fileId}/`;

export const blocksPrefix = (fileId: string): string => `${filePrefix(fileId)}blocks/`;

export const blockKey = (fileId: string, number: number): string =>
  `${blocksPrefix(fileId)}${String(number).padStart(6, '0')}.jsonl`;

/** The key of the fields that a file's lines share, if they are large enough to be stored once for all lines. */
export const templateKey = (fileId: string): string => `files/${fileId}/template.json`;

/** The caller that owns a key: `prompts/@{caller}/…` belongs to that caller, every other key to `files`. */
export const callerOfKey = (key: string): string => /^prompts\/@([^/]+)\//.exec(key)?.[1] ?? 'files';

/** Whether a file was deleted, so that nobody may read it or work on it. */
export const isFileDeleted = ({ status }: Pick<PromptFile, 'status'>): boolean =>
  status === 'deleting' || status === 'deleted';

/** Whether a file has ended: nothing more will be done for it. */
export const hasFileEnded = ({ status }: Pick<PromptFile, 'status'>): boolean =>
  status !== 'deleting' && status !== 'awaiting_upload' && status !== 'reading' && status !== 'generating';

/**
 * Makes the sequencers of one key comparable as text: S3 says to pad them with zeros on the right.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export const sequencerOrder = (sequencer: string): string => sequencer.toUpperCase().padEnd(32, '0');

/** How many blocks must be full before results can be assembled. A dry run or a stopped file sends no more blocks. */
export const awaitedBlocks = ({ dryRun, stopped, blocks, sentBlocks }: PromptFile): number =>
  dryRun || stopped ? sentBlocks : blocks;

/** Whether a file's results can be assembled. */
export const isReady = (file: PromptFile): boolean =>
  file.status === 'generating' && file.fullBlocks.length >= awaitedBlocks(file);
