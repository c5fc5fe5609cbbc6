import type { JsonObject } from '../../json.ts';
import { ApiError } from '../api-error.ts';
import { newId, nowSeconds, type StoredFiles } from '../files/stored-files.ts';
import { type InputLine, readInput } from './input-lines.ts';
import {
  type Batch,
  type BatchEndpoint,
  hasEnded,
  openResultLog,
  type StoredBatches,
} from './stored-batches.ts';

export type BatchWorkerOptions = {
  files: StoredFiles;
  batches: StoredBatches;
  /** Answers one request, unstreamed. Rejects with an ApiError for an invalid one. */
  answer(endpoint: BatchEndpoint, body: JsonObject, signal: AbortSignal): Promise<object>;
  /** A batch expires once it has answered so many lines. Default: it expires only after 24 hours. */
  maxLines?: number | undefined;
};

/**
 * Processes batches in the background, one after the other, a line at a time. Each result is written to disk, so after
 * a crash a new worker resumes with the lines that have none.
 */
export const startBatchWorker = ({ files, batches, answer, maxLines }: BatchWorkerOptions) => {
  const stopped = new AbortController();
  let working: Promise<void> | undefined;

  const work = async (): Promise<void> => {
    for (let batch = next(); batch && !stopped.signal.aborted; batch = next()) await processBatch(batch);
  };
  const next = (): Batch | undefined => batches.list().findLast((batch) => !hasEnded(batch));

  const processBatch = async ({ id }: Batch): Promise<void> => {
    const { lines, faults } = await readInput(batches.get(id), files).catch((error: unknown) => {
      const message = error instanceof ApiError ? error.message : 'The input file cannot be read.';
      return { lines: [], faults: [{ code: 'invalid_file', message, param: null, line: null }] };
    });
    if (faults.length > 0) {
      const errors = { object: 'list' as const, data: faults.slice(0, 20) };
      batches.change(id, { status: 'failed', failed_at: nowSeconds(), errors });
      return;
    }
    const output = openResultLog(batches.pathOf(id, 'output'));
    const error = openResultLog(batches.pathOf(id, 'error'));
    const done = new Set([...output.ids, ...error.ids]);
    const counts = { total: lines.length, completed: output.ids.length, failed: error.ids.length };
    const { status, in_progress_at, endpoint } = batches.get(id);
    batches.change(id, {
      ...(status === 'validating' ? { status: 'in_progress' } : {}),
      in_progress_at: in_progress_at ?? nowSeconds(),
      request_counts: counts,
    });
    const isOver = () =>
      batches.get(id).expires_at <= nowSeconds() ||
      (maxLines !== undefined && counts.completed + counts.failed >= maxLines);
    let isExpired = false;
    for (const line of lines) {
      if (done.has(line.customId)) continue;
      if (stopped.signal.aborted) return;
      if (batches.get(id).status === 'cancelling') break;
      isExpired ||= isOver();
      const result = isExpired ? expired(line) : await answered(endpoint, line);
      if (result === undefined) return;
      const isAnswer = result.response?.status_code === 200;
      (isAnswer ? output : error).append(result);
      counts[isAnswer ? 'completed' : 'failed'] += 1;
      batches.change(id, { request_counts: { ...counts } });
    }
    finish(id, { output, error, isExpired });
  };

  const answered = async (endpoint: BatchEndpoint, { customId, body }: InputLine) => {
    const id = newId('batch_req_');
    const respond = (status_code: number, answerBody: object) => ({
      id,
      custom_id: customId,
      response: { status_code, request_id: newId(''), body: answerBody },
      error: null,
    });
    try {
      if (body.stream === true) throw new ApiError(400, 'A line of a batch cannot be streamed.', 'stream');
      return respond(200, await answer(endpoint, body, stopped.signal));
    } catch (error) {
      if (stopped.signal.aborted) return undefined;
      const apiError = error instanceof ApiError ? error : new ApiError(500, 'The server had an error.');
      return respond(apiError.status, apiError.body);
    }
  };

  type Log = ReturnType<typeof openResultLog>;
  const finish = (
    id: string,
    { output, error, isExpired }: { output: Log; error: Log; isExpired: boolean },
  ) => {
    const isCancelled = batches.get(id).status === 'cancelling';
    if (!isCancelled) batches.change(id, { status: 'finalizing', finalizing_at: nowSeconds() });
    const adopted = (log: Log, kind: 'output' | 'error'): string | null => {
      const fileId = `file-${id.replace('batch_', '')}${kind}`;
      if (log.isEmpty()) return null;
      const own = { filename: `${id}_${kind}.jsonl`, purpose: 'batch_output' };
      return files.adopt(fileId, batches.pathOf(id, kind), own).id;
    };
    const at = nowSeconds();
    batches.change(id, {
      output_file_id: adopted(output, 'output'),
      error_file_id: adopted(error, 'error'),
      ...(isCancelled
        ? { status: 'cancelled', cancelled_at: at }
        : isExpired
          ? { status: 'expired', expired_at: at }
          : { status: 'completed', completed_at: at }),
    });
  };

  const wake = (): void => {
    working ??= work()
      .catch((error: unknown) => {
        const name = error instanceof Error ? error.name : typeof error;
        console.error(JSON.stringify({ event: 'openai.batch_failed', error: name }));
      })
      .finally(() => {
        working = undefined;
        if (!stopped.signal.aborted && next()) setTimeout(wake, 1_000).unref();
      });
  };
  wake();
  return {
    wake,
    close: async (): Promise<void> => {
      stopped.abort();
      await working;
    },
  };
};

const expired = ({ customId }: InputLine) => ({
  id: newId('batch_req_'),
  custom_id: customId,
  response: null as { status_code: number } | null,
  error: {
    code: 'batch_expired',
    message: 'The batch expired before this request was started.',
  },
});

export type BatchWorker = ReturnType<typeof startBatchWorker>;
