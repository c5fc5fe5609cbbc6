import OpenAI from 'openai';
import type { Clock } from '../../async/clock.ts';
import { UpstreamError } from '../../errors.ts';
import { BATCH_ENDPOINT } from '../../files/batch/input.ts';
import type { Batches, BatchJob } from '../../files/batch/ports.ts';
import { type ApiKey, makeOpenAIClient } from './client.ts';
import { translateOpenAIError } from './translate-error.ts';

/** Prompts and answers do not stay at the model server for longer; an expired batch is over after a day. */
const KEPT = { anchor: 'created_at', seconds: 7 * 24 * 3600 } as const;
const TIME_OUT_MS = 60_000;
const UPLOAD_TIME_OUT_MS = 240_000;
const PAGE = 100;
const MOST_LISTED = 2_000;
/** Their clock and ours may differ. */
const SKEW_MS = 5 * 60_000;

/** The Batch API of a model server, by the official SDK: never retried in here. */
export const makeOpenAIBatches = (access: { apiKey: ApiKey; baseURL: string; clock: Clock }): Batches => {
  const client = makeOpenAIClient(access);
  const options = { timeout: TIME_OUT_MS };

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
          { file: new File([...lines], 'batch.jsonl'), purpose: 'batch', expires_after: KEPT },
          { timeout: UPLOAD_TIME_OUT_MS },
        );
        const batch = await client.batches.create(
          {
            input_file_id: file.id,
            endpoint: BATCH_ENDPOINT,
            completion_window: '24h',
            metadata,
            output_expires_after: KEPT,
          },
          options,
        );
        return jobOf(batch);
      }),

    find: (metadata, since) =>
      call(async () => {
        let listed = 0;
        for await (const batch of client.batches.list({ limit: PAGE }, options)) {
          // Newest first.
          if (batch.created_at * 1000 < since - SKEW_MS || ++listed > MOST_LISTED) return undefined;
          const isIt = Object.entries(metadata).every(([name, value]) => batch.metadata?.[name] === value);
          if (isIt && batch.status !== 'failed') return jobOf(batch);
        }
        return undefined;
      }),

    get: (id) => call(async () => jobOf(await client.batches.retrieve(id, options))),

    cancel: async (id) => {
      const { status } = await call(async () => jobOf(await client.batches.retrieve(id, options)));
      if (status === 'open') await call(() => client.batches.cancel(id, options));
    },

    async *read(fileId) {
      const { body } = await call(() => client.files.content(fileId, { timeout: UPLOAD_TIME_OUT_MS }));
      try {
        for await (const chunk of body ?? []) yield chunk;
      } catch (error) {
        throw new UpstreamError('openai', "a batch's results broke off while they were read", {
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
      `the model server has no such batch or file, or none at all (${error.status})`,
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
    asked: { secrets: typeof apiKey === 'string' ? [apiKey] : [], fields: [] },
    clock,
    signal: AbortSignal.timeout(TIME_OUT_MS),
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
  // A status that is not known yet is no end.
  status: STATUSES[batch.status] ?? 'open',
  metadata: batch.metadata ?? {},
  resultFiles: [batch.output_file_id, batch.error_file_id].flatMap((id) => id || []),
  error: batch.status === 'failed' ? failureOf(batch) : null,
});

const MOST_TOLD = 300;

/** The server's words are of the input's form, not of what it says; cut all the same. */
const failureOf = ({ errors }: OpenAI.Batch): NonNullable<BatchJob['error']> => {
  const [first] = errors?.data ?? [];
  return {
    code: first?.code ?? 'batch_failed',
    message: `the batch failed: ${(first?.message ?? 'no reason was given').slice(0, MOST_TOLD)}`,
  };
};
