import { isObject, type JsonObject } from '../../json.ts';
import { ApiError } from '../api-error.ts';
import { newId, nowSeconds, type StoredFiles } from '../files/stored-files.ts';
import { missing, refuseUnknown, wrongType, wrongValue } from '../parameters.ts';
import { type Entry, readBody } from '../routes.ts';
import { type Batch, hasEnded, type StoredBatches } from './batch.ts';
import type { BatchWorker } from './batch-worker.ts';

const DAY_SECONDS = 24 * 3600;
const FIELDS = ['input_file_id', 'endpoint', 'completion_window', 'metadata', 'output_expires_after'];
const ENDPOINT = '/v1/chat/completions';
const MOST_LISTED = 100;

/** OpenAI's batches, of chat completions alone. */
export const batchEntries = (batches: StoredBatches, files: StoredFiles, worker: BatchWorker): Entry[] => [
  {
    method: 'POST',
    path: /^\/v1\/batches$/,
    async handle({ request }) {
      const batch = batches.put(readBatch(await readBody(request), files));
      worker.wake();
      return batch;
    },
  },
  {
    method: 'GET',
    path: /^\/v1\/batches$/,
    handle: async ({ request }) => pageOf(batches.list(), new URL(request.url ?? '', 'http://local')),
  },
  { method: 'GET', path: /^\/v1\/batches\/([^/]+)$/, handle: async (_, id) => batches.get(id) },
  {
    method: 'POST',
    path: /^\/v1\/batches\/([^/]+)\/cancel$/,
    async handle(_, id) {
      const batch = batches.get(id);
      if (hasEnded(batch))
        throw new ApiError(409, `The batch cannot be cancelled: it is ${batch.status}.`, null, null);
      const cancelling = batches.change(id, { status: 'cancelling', cancelling_at: nowSeconds() });
      worker.wake();
      return cancelling;
    },
  },
];

const readBatch = (body: JsonObject, files: StoredFiles): Batch => {
  refuseUnknown(body, FIELDS);
  const { input_file_id: input, endpoint, completion_window: window } = body;
  const metadata = body.metadata ?? null;
  if (input === undefined) throw missing('input_file_id');
  if (typeof input !== 'string') throw wrongType('input_file_id', 'string', input);
  if (endpoint !== ENDPOINT)
    throw wrongValue('endpoint', `Invalid value for 'endpoint': this server takes only '${ENDPOINT}'.`);
  if (window !== '24h')
    throw wrongValue('completion_window', "Invalid value for 'completion_window': must be '24h'.");
  if (metadata !== null && !isMetadata(metadata))
    throw wrongValue('metadata', "Invalid 'metadata': at most 16 texts, of up to 512 characters.");
  files.get(input);
  const now = nowSeconds();
  return {
    id: newId('batch_'),
    object: 'batch',
    endpoint: ENDPOINT,
    errors: null,
    input_file_id: input,
    completion_window: window,
    status: 'validating',
    output_file_id: null,
    error_file_id: null,
    created_at: now,
    in_progress_at: null,
    expires_at: now + DAY_SECONDS,
    finalizing_at: null,
    completed_at: null,
    failed_at: null,
    expired_at: null,
    cancelling_at: null,
    cancelled_at: null,
    request_counts: { total: 0, completed: 0, failed: 0 },
    metadata,
  };
};

const isMetadata = (value: unknown): value is Record<string, string> =>
  isObject(value) &&
  Object.keys(value).length <= 16 &&
  Object.entries(value).every(
    ([name, text]) => name.length <= 64 && typeof text === 'string' && text.length <= 512,
  );

const pageOf = (all: Batch[], { searchParams }: URL) => {
  const limit = Math.min(MOST_LISTED, Math.max(1, Number(searchParams.get('limit') ?? 20) || 20));
  const after = searchParams.get('after');
  const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const data = all.slice(from, from + limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: from + limit < all.length,
  };
};
