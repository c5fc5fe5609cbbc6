import { UpstreamError } from '../../lib/errors.ts';
import type { Batches, BatchJob } from '../../lib/files/batch/ports.ts';
import { copyOf } from './copy.ts';

type Request = { custom_id: string; body: { model: string; messages: { content: string }[] } };
type Kept = { job: BatchJob; createdAt: number; requests: Request[] };

/** The outcome of a line: its text, an HTTP error, or null when the batch ended before it. */
export type Outcome = { text: string } | { status: number; message: string } | null;

/** The batches of a model server in memory; a batch stays open until a test ends it. */
export const makeMemoryBatches = (clock: { now(): number }) => {
  const batches = new Map<string, Kept>();
  const results = new Map<string, string>();
  const cancelled: string[] = [];
  const removed: string[] = [];
  /** Errors for the next creations. */
  const refusals: Error[] = [];
  const keptOf = (id: string): Kept => {
    const kept = batches.get(id);
    if (!kept)
      throw new UpstreamError('openai', `no batch ${id}`, {
        code: 'no_batches',
        retryable: false,
        status: 404,
      });
    return kept;
  };
  const port: Batches = {
    create: async (lines, metadata) => {
      const refusal = refusals.shift();
      if (refusal) throw refusal;
      const job: BatchJob = {
        id: `batch_${batches.size + 1}`,
        status: 'open',
        metadata: { ...metadata },
        resultFiles: [],
        error: null,
      };
      const requests = lines.map((line): Request => JSON.parse(line));
      batches.set(job.id, { job, createdAt: clock.now(), requests });
      return copyOf(job);
    },
    find: async (metadata, since) => {
      const found = [...batches.values()].findLast(
        ({ job, createdAt }) =>
          createdAt >= since &&
          job.status !== 'failed' &&
          Object.entries(metadata).every(([name, value]) => job.metadata[name] === value),
      );
      return copyOf(found?.job);
    },
    get: async (id) => copyOf(keptOf(id).job),
    cancel: async (id) => {
      const { job } = keptOf(id);
      cancelled.push(id);
      if (job.status === 'open') job.status = 'cancelled';
    },
    remove: async (id) => {
      const kept = keptOf(id);
      if (kept.job.status === 'open') return false;
      for (const file of kept.job.resultFiles) results.delete(file);
      kept.requests = [];
      removed.push(id);
      return true;
    },
    async *read(fileId) {
      // Split in the middle of characters and lines.
      const bytes = Buffer.from(results.get(fileId) ?? '');
      for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
    },
  };
  const resultOf = ({ custom_id, body }: Request, outcome: Outcome): string => {
    if (!outcome) throw new Error('a line without an answer has no result');
    const isText = 'text' in outcome;
    const answer = isText
      ? {
          id: `chatcmpl-${custom_id}`,
          object: 'chat.completion',
          created: 1_795_352_400,
          model: `${body.model}-2026-10-01`,
          choices: [
            { index: 0, message: { role: 'assistant', content: outcome.text }, finish_reason: 'stop' },
          ],
          usage: { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 },
        }
      : { error: { message: outcome.message, type: 'invalid_request_error', code: null, param: null } };
    const response = { status_code: isText ? 200 : outcome.status, request_id: 'req_1', body: answer };
    return `${JSON.stringify({ id: `batch_req_${custom_id}`, custom_id, response, error: null })}\n`;
  };
  return {
    port,
    batches,
    cancelled,
    removed,
    refusals,
    /** Ends a batch. Its results are in another order than its lines, which a server may do. */
    end: (
      id: string,
      status: Exclude<BatchJob['status'], 'open'>,
      outcomeOf: (prompt: string) => Outcome = (prompt) => ({ text: `Batch: ${prompt}` }),
      error: BatchJob['error'] = null,
    ): void => {
      const { job, requests } = keptOf(id);
      const lines = requests.toReversed().flatMap((request) => {
        const outcome = outcomeOf(request.body.messages.at(-1)?.content ?? '');
        return outcome ? [{ isText: 'text' in outcome, line: resultOf(request, outcome) }] : [];
      });
      for (const isText of [true, false]) {
        const own = lines.filter((line) => line.isText === isText).map(({ line }) => line);
        if (own.length === 0) continue;
        results.set(`${id}.${isText}`, own.join(''));
        job.resultFiles.push(`${id}.${isText}`);
      }
      job.status = status;
      job.error = error;
    },
  };
};
