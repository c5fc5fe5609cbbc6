import type { Clock } from '../async/clock.ts';
import { usdOf } from '../budget/amount.ts';
import { NotFoundError } from '../errors.ts';
import { dropAbsent } from '../json/value.ts';
import { ID_CHARACTERS } from '../runs/keys.ts';
import { readQueryParameters } from '../runs/query-parameters.ts';
import { refuseDeleted } from './delete-file.ts';
import type { BatchEndpoint } from './formats/batch-line.ts';
import { addErrors, type LineErrors } from './line-errors.ts';
import type { FileListQuery, FileStore } from './ports.ts';
import { doneOf, progressOf, rowsPerSecond } from './progress.ts';
import { FILE_STATUSES, type FileStatus, type PromptFile, type StopCode } from './prompt-file.ts';
import { partialKey, resultKey } from './results/objects.ts';

/**
 * Finds a caller's own prompt file.
 * @throws {NotFoundError} when the file is missing or another caller's, or was deleted (`gone`).
 */
export const findFile = async (
  id: string,
  caller: string,
  { files }: { files: Pick<FileStore, 'get'> },
): Promise<PromptFile> => {
  const file = isFileId(id) ? await files.get(id) : undefined;
  if (file?.caller !== caller) throw new NotFoundError(`there is no file ${id.slice(0, 60)}`);
  refuseDeleted(file);
  return file;
};

const FILE_ID = new RegExp(`^file_${ID_CHARACTERS}$`);
const isFileId = (id: string): boolean => FILE_ID.test(id);

/** The parameters of GET /files; without a cursor, the first page. `since` and `until` are UTC instants with ms. */
export type FileQuery = Pick<FileListQuery, 'limit' | 'cursor' | 'since' | 'until' | 'status'>;

/**
 * Parses the parameters of GET /files.
 * @throws {InvalidInputError} naming every wrong or unknown parameter.
 */
export const parseFileQuery = (parameters: Iterable<[string, string]>): FileQuery => {
  const read = readQueryParameters(parameters);
  const found = {
    limit: read.limit(),
    cursor: read.text('cursor', 1_000),
    status: read.oneOf('status', FILE_STATUSES),
    ...read.period(),
  };
  read.finish();
  return dropAbsent(found);
};

/** A prompt file as the API shows it. Values that are not known yet are null. */
export type FileView = {
  id: string;
  object: 'file';
  key: string;
  /** The last part of its key. */
  filename: string;
  size_bytes: number;
  /** The file that this one retries. */
  retry_of: string | null;
  /** The endpoint whose requests the lines of a batch are; null for any other file. */
  endpoint: BatchEndpoint | null;
  status: FileStatus;
  created_at: string;
  generating_at: string | null;
  ended_at: string | null;
  dry_run: boolean;
  max_cost_usd: number | null;
  stopped: { code: StopCode; at: string } | null;
  error: PromptFile['error'];
  /** Numbers of lines (and of generations). `generated` lines are done and were not `reused` from an earlier file. */
  counts: {
    lines: number | null;
    accepted: number | null;
    refused: number | null;
    reused: number;
    generated: number;
    completed: number;
    failed: number;
    not_begun: number;
    remaining: number | null;
    generations: number;
  };
  /** The expected tokens and cost of all accepted lines, also of those that an earlier file has answered. */
  estimate: PromptFile['estimate'];
  /** The failed lines by the code of their error, with the numbers of the first 20 of each. */
  errors: LineErrors[];
  usage: { prompt_tokens: number; completion_tokens: number };
  /** Null when the price of a model that answered is unknown. Includes `reused_cost_usd`. */
  cost_usd: number | null;
  /** The part of `cost_usd` that earlier files paid, for the reused lines; 0 without any, else null where `cost_usd` is. */
  reused_cost_usd: number | null;
  /** The part of the cost that this file paid itself. */
  paid_usd: number | null;
  /** Lines generated per second, on average since `generating_at`. */
  lines_per_second: number | null;
  /** Lines done per second in the last minute or so, reused ones included, and the seconds left at that rate. */
  rows_per_second: number | null;
  seconds_left: number | null;
  results: { jsonl: string; summary: string; partial: string };
};

/** Makes the view of a file. Counts are exact at any time: those of full blocks plus those of blocks in progress. */
export const viewFile = async (
  file: PromptFile,
  deps: { files: Pick<FileStore, 'getBlock'>; clock: Pick<Clock, 'now'> },
): Promise<FileView> => {
  const { counts, errors } = await progressOf(file, deps.files);
  const isRead = file.generatingAt !== null;
  const now = deps.clock.now();
  const done = doneOf(counts);
  const accepted = file.lines - file.refused;
  const isOver = file.endedAt !== null;
  const generated = counts.completed + counts.failed - counts.reused;
  // Blocks that were never sent have no counts of their own, so once the file has ended take the difference.
  const left = isOver ? accepted - counts.completed - counts.failed : counts.skipped;
  const notBegun = isRead && file.stopped ? left : 0;
  const remaining = isOver ? 0 : accepted - done;
  const rate = isOver ? null : rowsPerSecond(file, done, now);
  const isPriced = counts.unpriced === 0;
  return {
    id: file.id,
    object: 'file',
    key: file.key,
    filename: file.key.slice(file.key.lastIndexOf('/') + 1),
    size_bytes: file.size,
    retry_of: file.retryOf,
    endpoint: file.openaiBatch?.endpoint ?? null,
    status: shownStatus(file),
    created_at: file.createdAt,
    generating_at: file.generatingAt,
    ended_at: file.endedAt,
    dry_run: file.dryRun,
    max_cost_usd: file.maxCostUsd,
    stopped: file.stopped,
    error: file.error,
    counts: {
      lines: isRead ? file.lines : null,
      accepted: isRead ? accepted : null,
      refused: isRead ? file.refused : null,
      reused: counts.reused,
      generated,
      completed: counts.completed,
      failed: counts.failed + (isRead ? file.refused : 0) + notBegun,
      not_begun: notBegun,
      remaining: isRead ? remaining : null,
      generations: counts.generations,
    },
    estimate: file.estimate,
    errors: withNotBegun(errors, notBegun, file),
    usage: { prompt_tokens: counts.promptTokens, completion_tokens: counts.completionTokens },
    cost_usd: isPriced ? usdOf(counts.costNano) : null,
    reused_cost_usd: isPriced || counts.reused === 0 ? usdOf(counts.reusedCostNano) : null,
    paid_usd: isPriced ? usdOf(counts.costNano - counts.reusedCostNano) : null,
    lines_per_second: meanRateOf(file, generated, now),
    rows_per_second: rate,
    seconds_left: rate === null || rate === 0 ? null : remaining / rate,
    results: {
      jsonl: resultKey(file, '.jsonl'),
      summary: resultKey(file, '.summary.json'),
      partial: partialKey(file),
    },
  };
};

/** A file that was deleted while it was read for this view has been cancelled, as far as the view is concerned. */
const shownStatus = ({ status }: PromptFile): FileStatus =>
  status === 'deleting' || status === 'deleted' ? 'cancelled' : status;

/** Lines that had not begun when the file was stopped have its code as their error. */
const withNotBegun = (
  errors: readonly LineErrors[],
  notBegun: number,
  { stopped }: Pick<PromptFile, 'stopped'>,
): LineErrors[] => {
  const left = stopped && notBegun > 0 ? [{ code: stopped.code, count: notBegun, lines: [] }] : [];
  return addErrors([...errors, ...left]).filter(({ count }) => count > 0);
};

const meanRateOf = ({ generatingAt, endedAt }: PromptFile, generated: number, now: number): number | null => {
  if (generatingAt === null) return null;
  const seconds = ((endedAt === null ? now : Date.parse(endedAt)) - Date.parse(generatingAt)) / 1000;
  return seconds > 0 ? generated / seconds : null;
};
