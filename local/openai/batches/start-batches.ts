import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import type { JsonObject } from '../../json.ts';
import type { LanguageModel } from '../../model/language-model.ts';
import type { Env } from '../call.ts';
import { readChatRequest } from '../chat-request.ts';
import { completeWhole } from '../complete.ts';
import { makeEmissionLog } from '../emissions.ts';
import { fileRoutes } from '../files/routes.ts';
import { openStoredFiles } from '../files/stored-files.ts';
import { CHAT_MODEL, modelNames, modelNotFound } from '../models.ts';
import { monotonicMs } from '../pace.ts';
import { readModel } from '../parameters.ts';
import { readResponsesRequest } from '../responses/request.ts';
import { batchRoutes } from './routes.ts';
import { type BatchEndpoint, openStoredBatches } from './stored-batches.ts';
import { startBatchWorker } from './worker.ts';

type Options = {
  model: LanguageModel | undefined;
  dataDir: string | undefined;
  maxLines: number | undefined;
};

/**
 * Starts files and batches: their routes, and the worker, which resumes unfinished batches. Batches are not paced.
 * Without a language model there are no routes. Without `dataDir` the data is in a folder that `close` removes.
 */
export const startBatches = ({ model, dataDir, maxLines }: Options) => {
  if (model === undefined) return { routes: new Hono<Env>(), close: async () => {} };
  const dir = dataDir ?? mkdtempSync(join(tmpdir(), 'everytoken-batches-'));
  const files = openStoredFiles(join(dir, 'files'));
  const batches = openStoredBatches(join(dir, 'batches'));
  // A log of its own, so that batch lines do not push out the last 1,000 completions that `/emissions/:id` serves.
  const emissions = makeEmissionLog();
  const answer = async (endpoint: BatchEndpoint, body: JsonObject, signal: AbortSignal): Promise<object> => {
    const name = readModel(body);
    if (name !== CHAT_MODEL) throw modelNotFound(name, modelNames(true));
    const { request, plan } = (endpoint === '/v1/responses' ? readResponsesRequest : readChatRequest)(
      body,
      model.ngram,
    );
    return completeWhole({ request, plan, model, emissions, pace: 0, arrivalMs: monotonicMs(), signal });
  };
  const worker = startBatchWorker({ files, batches, answer, maxLines });
  return {
    routes: fileRoutes(files).route('/', batchRoutes(batches, files, worker)),
    close: async (): Promise<void> => {
      await worker.close();
      if (dataDir === undefined) rmSync(dir, { recursive: true, force: true });
    },
  };
};
