import OpenAI from 'openai';
import type { Clock } from '../../async/clock.ts';
import { codeOf, UpstreamError } from '../../errors.ts';
import { BATCH_ENDPOINT } from '../../files/batch/input.ts';
import type { Batches, BatchJob } from '../../files/batch/ports.ts';
import { own } from '../../json/value.ts';
import { type ApiKey, makeOpenAIClient } from './client.ts';
import { translateOpenAIError } from './translate-error.ts';

/**
 * When the model server deletes prompts and answers. A batch ends within a day, which leaves six days to read its
 * results.
 */
const EXPIRES_AFTER = { anchor: 'created_at', seconds: 7 * 24 * 3600 } as const;
const TIMEOUT_MS = 60_000;
const UPLOAD_TIMEOUT_MS = 240_000;
const PAGE = 100;
const MAX_LISTED = 2_000;
/** Allows for a difference between the server's clock and ours. */
const SKEW_MS = 5 * 60_000;

/**
 * The Batch API of a model server (https://platform.openai.com/docs/guides/batch), through the official SDK and without
 * retries.
 * @throws {UpstreamError} `no_batches`, not retryable, when the server answers 404 or 405.
 * @throws The errors of `translateOpenAIError` for other failures.
 */
export const makeOpenAIBatches = (access: { apiKey: ApiKey; baseURL: string; clock: Clock }): Batches => {
  const client = makeOpenAIClient(access);
  const options = { timeout: TIMEOUT_MS };

  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw await translated(error, client, access);
    }
  };

  return {
    create: (lines, metadata) =>
      call(async () => {
        const file = await client.files.create(
          { file: new File([...lines], 'batch.jsonl'), purpose: 'batch', expires_after: EXPIRES_AFTER },
          { timeout: UPLOAD_TIMEOUT_MS },
        );
        const batch = await client.batches.create(
          {
            input_file_id: file.id,
            endpoint: BATCH_ENDPOINT,
            completion_window: '24h',
            metadata,
            output_expires_after: EXPIRES_AFTER,
          },
          options,
        );
        return jobOf(batch);
      }),

    find: (metadata, since) =>
      call(async () => {
        let listed = 0;
        for await (const batch of client.batches.list({ limit: PAGE }, options)) {
          // The server lists the newest batch first.
          if (batch.created_at * 1000 < since - SKEW_MS || ++listed > MAX_LISTED) return undefined;
          const isMatch = Object.entries(metadata).every(
            ([name, value]) => own(batch.metadata ?? {}, name) === value,
          );
          if (isMatch && batch.status !== 'failed') return jobOf(batch);
        }
        return undefined;
      }),

    get: (id) => call(async () => jobOf(await client.batches.retrieve(id, options))),

    cancel: async (id) => {
      const { status } = await call(async () => jobOf(await client.batches.retrieve(id, options)));
      if (status === 'open') await call(() => client.batches.cancel(id, options));
    },

    remove: async (id) => {
      const batch = await call(() => client.batches.retrieve(id, options));
      if (jobOf(batch).status === 'open') return false;
      for (const fileId of [batch.input_file_id, batch.output_file_id, batch.error_file_id]) {
        if (!fileId) continue;
        await call(() => client.files.delete(fileId, options)).catch((error) => {
          if (codeOf(error) !== 'no_batches') throw error;
        });
      }
      return true;
    },

    async *read(fileId) {
      const { body } = await call(() => client.files.content(fileId, { timeout: UPLOAD_TIMEOUT_MS }));
      try {
        for await (const chunk of body ?? []) yield chunk;
      } catch (error) {
        throw new UpstreamError('openai', "the download of the batch's results was cut off", {
          cause: error,
        });
      }
    },
  };
};

const translated = async (
  error: unknown,
  client: OpenAI,
  { apiKey, clock }: { apiKey: ApiKey; clock: Clock },
): Promise<Error> => {
  if (error instanceof OpenAI.APIError && (error.status === 404 || error.status === 405))
    return new UpstreamError(
      'openai',
      `the model server does not have this batch or file, or has no Batch API (${error.status})`,
      {
        code: 'no_batches',
        retryable: false,
        status: error.status,
        cause: error,
      },
    );
  return translateOpenAIError(error, {
    client,
    model: '',
    sentRequest: { secrets: typeof apiKey === 'string' ? [apiKey] : [], fields: [] },
    clock,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    apiKey,
    usedKey: undefined,
  });
};

const STATUSES: Record<OpenAI.Batch['status'], BatchJob['status']> = {
  validating: 'open',
  in_progress: 'open',
  finalizing: 'open',
  cancelling: 'open',
  completed: 'completed',
  expired: 'expired',
  failed: 'failed',
  cancelled: 'cancelled',
};

const jobOf = (batch: OpenAI.Batch): BatchJob => ({
  id: batch.id,
  // An unknown status, which the API may add, counts as not ended.
  status: STATUSES[batch.status] ?? 'open',
  metadata: batch.metadata ?? {},
  resultFiles: [batch.output_file_id, batch.error_file_id].flatMap((id) => id || []),
  error: batch.status === 'failed' ? failureOf(batch) : null,
});

const MAX_MESSAGE_CHARS = 300;

/** A server's code that files/batch/move-batch.ts acts on; any other is part of the server's words. */
const KNOWN_CODE = 'token_limit_exceeded';

/** The batch's first error. Its message is about the input's format and quotes no prompt; it is cut all the same. */
const failureOf = ({ errors }: OpenAI.Batch): NonNullable<BatchJob['error']> => {
  const [first] = errors?.data ?? [];
  const words = [first?.code, first?.message].filter(Boolean).join(': ') || 'no reason was given';
  return {
    code: first?.code === KNOWN_CODE ? KNOWN_CODE : 'batch_failed',
    message: `the batch failed: ${words.slice(0, MAX_MESSAGE_CHARS)}`,
  };
};
