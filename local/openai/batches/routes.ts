import { Hono } from 'hono';
import { isObject, type JsonObject } from '../../json.ts';
import { ApiError, missing, wrongType, wrongValue } from '../api-error.ts';
import { type Env, readBody } from '../call.ts';
import { newId, nowSeconds, type StoredFiles } from '../files/stored-files.ts';
import { pageOf } from '../page.ts';
import { refuseUnknown } from '../parameters.ts';
import {
  BATCH_ENDPOINTS,
  type Batch,
  hasEnded,
  isBatchEndpoint,
  type StoredBatches,
} from './stored-batches.ts';
import type { BatchWorker } from './worker.ts';

const DAY_SECONDS = 24 * 3600;

const FIELDS = ['input_file_id', 'endpoint', 'completion_window', 'metadata', 'output_expires_after'];

/** The routes of OpenAI's Batch API, for chat completions and responses. */
export const batchRoutes = (batches: StoredBatches, files: StoredFiles, worker: BatchWorker): Hono<Env> =>
  new Hono<Env>()
    .post('/v1/batches', async (c) => {
      const batch = batches.put(readBatch(await readBody(c.env.incoming), files));
      worker.wake();
      return c.json(batch);
    })
    .get('/v1/batches', (c) => c.json(pageOf(batches.list(), c.req.query(), { limit: 20, most: 100 })))
    .get('/v1/batches/:id', (c) => c.json(batches.get(c.req.param('id'))))
    .post('/v1/batches/:id/cancel', (c) => {
      const batch = batches.get(c.req.param('id'));
      if (hasEnded(batch)) throw new ApiError(409, `The batch cannot be cancelled: it is ${batch.status}.`);
      const cancelling = batches.change(batch.id, { status: 'cancelling', cancelling_at: nowSeconds() });
      worker.wake();
      return c.json(cancelling);
    });

const readBatch = (body: JsonObject, files: StoredFiles): Batch => {
  refuseUnknown(body, FIELDS);
  const { input_file_id: input, endpoint, completion_window: window } = body;
  const metadata = body.metadata ?? null;
  if (input === undefined) throw missing('input_file_id');
  if (typeof input !== 'string') throw wrongType('input_file_id', 'string', input);
  if (!isBatchEndpoint(endpoint)) {
    const known = BATCH_ENDPOINTS.map((each) => `'${each}'`).join(' and ');
    throw wrongValue('endpoint', `Invalid value for 'endpoint': this server takes only ${known}.`);
  }
  if (window !== '24h')
    throw wrongValue('completion_window', "Invalid value for 'completion_window': must be '24h'.");
  if (metadata !== null && !isMetadata(metadata))
    throw wrongValue('metadata', "Invalid 'metadata': at most 16 texts, of up to 512 characters.");
  files.get(input);
  const now = nowSeconds();
  return {
    id: newId('batch_'),
    object: 'batch',
    endpoint,
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
