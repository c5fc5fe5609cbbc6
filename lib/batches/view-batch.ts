import type { Clock } from '../async/clock.ts';
import { NotFoundError } from '../errors.ts';
import type { BatchEndpoint } from '../files/formats/batch-line.ts';
import type { FileStore } from '../files/ports.ts';
import { isReady, type PromptFile } from '../files/prompt-file.ts';
import { findFile, viewFile } from '../files/view.ts';
import { hasResult } from './list-files.ts';
import { batchIdOf, fileIdOfBatch, resultIdOf } from './stored-files.ts';

/**
 * Finds a caller's own batch, by its id.
 * @throws {NotFoundError} when it is missing or another caller's, or was deleted (`gone`).
 */
export const findBatch = async (
  id: string,
  caller: string,
  deps: { files: Pick<FileStore, 'get'> },
): Promise<PromptFile> => {
  const missing = () => new NotFoundError(`there is no batch ${id.slice(0, 60)}`);
  const fileId = fileIdOfBatch(id);
  if (fileId === undefined) throw missing();
  const file = await findFile(fileId, caller, deps).catch((error) => {
    throw error instanceof NotFoundError && error.code !== 'gone' ? missing() : error;
  });
  if (!file.openaiBatch) throw missing();
  return file;
};

/** Everytoken's batches do not expire, so `expired` is not one of them. */
type BatchStatus =
  | 'validating'
  | 'in_progress'
  | 'finalizing'
  | 'completed'
  | 'failed'
  | 'cancelling'
  | 'cancelled';

/**
 * A batch as OpenAI's API shows it: https://platform.openai.com/docs/api-reference/batch/object. Times are in epoch
 * seconds, and null as long as they have not come; nobody notes the beginning of `finalizing`.
 */
export type BatchView = {
  id: string;
  object: 'batch';
  endpoint: BatchEndpoint;
  input_file_id: string;
  completion_window: '24h';
  status: BatchStatus;
  output_file_id: string | null;
  error_file_id: string | null;
  errors: {
    object: 'list';
    data: { code: string; line: number | null; message: string; param: string | null }[];
  } | null;
  created_at: number;
  in_progress_at: number | null;
  expires_at: null;
  finalizing_at: null;
  completed_at: number | null;
  failed_at: number | null;
  expired_at: null;
  cancelling_at: number | null;
  cancelled_at: number | null;
  request_counts: { total: number; completed: number; failed: number };
  usage: {
    input_tokens: number;
    output_tokens: number;
    total_tokens: number;
    /** The cached ones among the input's, and the reasoning ones among the output's, are not summed. */
    input_tokens_details: { cached_tokens: number | null };
    output_tokens_details: { reasoning_tokens: number | null };
  };
  metadata: Record<string, string> | null;
  /** Fields that OpenAI's object does not have. */
  everytoken: { file_id: string; cost_usd: number | null };
};

/** Makes the view of a batch. Its counts are exact at any time. */
export const viewBatch = async (
  file: PromptFile,
  deps: { files: Pick<FileStore, 'getBlock'>; clock: Pick<Clock, 'now'> },
): Promise<BatchView> => {
  if (!file.openaiBatch) throw new Error(`file ${file.id} is no batch`);
  const { endpoint, inputFileId, metadata } = file.openaiBatch;
  const { counts, usage, cost_usd } = await viewFile(file, deps);
  const status = statusOf(file);
  const endedAs = (...statuses: BatchStatus[]): number | null =>
    statuses.includes(status) ? secondsOf(file.endedAt) : null;
  return {
    id: batchIdOf(file),
    object: 'batch',
    endpoint,
    input_file_id: inputFileId,
    completion_window: '24h',
    status,
    output_file_id: hasResult(file, 'output') ? resultIdOf(file, 'output') : null,
    error_file_id: hasResult(file, 'errors') ? resultIdOf(file, 'errors') : null,
    errors:
      status === 'failed' && file.error
        ? {
            object: 'list',
            data: [{ code: file.error.code, line: null, message: file.error.message, param: null }],
          }
        : null,
    created_at: Math.floor(Date.parse(file.createdAt) / 1_000),
    in_progress_at: secondsOf(file.generatingAt),
    expires_at: null,
    finalizing_at: null,
    completed_at: endedAs('completed'),
    failed_at: endedAs('failed'),
    expired_at: null,
    cancelling_at: secondsOf(file.stopped?.code === 'cancelled' ? file.stopped.at : null),
    cancelled_at: endedAs('cancelled'),
    request_counts: {
      total: counts.lines ?? 0,
      completed: counts.completed,
      failed: counts.failed,
    },
    usage: {
      input_tokens: usage.prompt_tokens,
      output_tokens: usage.completion_tokens,
      total_tokens: usage.prompt_tokens + usage.completion_tokens,
      input_tokens_details: { cached_tokens: null },
      output_tokens_details: { reasoning_tokens: null },
    },
    metadata,
    everytoken: { file_id: file.id, cost_usd },
  };
};

const secondsOf = (at: string | null): number | null =>
  at === null ? null : Math.floor(Date.parse(at) / 1_000);

const statusOf = (file: PromptFile): BatchStatus => {
  const { status, stopped, error } = file;
  const isCancelled = stopped?.code === 'cancelled';
  if (status === 'awaiting_upload' || status === 'reading') return 'validating';
  if (status === 'generating') {
    if (isCancelled) return 'cancelling';
    return isReady(file) ? 'finalizing' : 'in_progress';
  }
  if (status === 'failed') return 'failed';
  if (status === 'completed' || status === 'completed_with_errors')
    return isCancelled ? 'cancelled' : 'completed';
  return error === null || error.code === 'cancelled' ? 'cancelled' : 'failed';
};
