import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { observed } from '../../lib/adapters/lambda/invocation.ts';
import { failuresOf, isFirstReceive, outOfTime, waitedMsOf } from '../../lib/adapters/lambda/queue.ts';
import { makeO200kLoader } from '../../lib/adapters/openai/o200k-tokenizer.ts';
import { makeCreateEmbeddings } from '../../lib/embed/create-embeddings.ts';
import { generateJob, type JobDeps } from '../../lib/files/work/generate-job.ts';
import { makeCountTokens } from '../../lib/generate/count-tokens.ts';
import { JOB_RETRY_POLICY } from '../../lib/generate/retry-policy.ts';
import { parseJob } from '../../lib/lifecycle/claim.ts';
import { composeBatchAnswers } from '../compose/batches.ts';
import { composeBudget, composeLimits } from '../compose/callers.ts';
import { composeEmbedder } from '../compose/embedder.ts';
import { composeGenerateOne, warmUpGeneration } from '../compose/model.ts';
import { composeFiles, composeRequestBase } from '../composition.ts';

export const makeGenerateQueueHandler =
  (deps: JobDeps) =>
  (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const signal = outOfTime(context);
    return failuresOf(
      event.Records,
      (record) =>
        generateJob(parseJob(record.body), deps, signal, {
          waitedMs: waitedMsOf(record),
          isFirst: isFirstReceive(record),
        }),
      deps.log,
    );
  };

const base = composeRequestBase('generateQueue');
const budget = composeBudget(base);
const deps: JobDeps = {
  ...base,
  ...composeFiles(base),
  ...budget,
  inFlight: composeLimits(base).inFlight,
  generateOne: composeGenerateOne(base.config, base.invocation.isCold, JOB_RETRY_POLICY),
  batchAnswers: composeBatchAnswers(base),
  createEmbeddings: makeCreateEmbeddings({ ...base, ...budget, embedder: composeEmbedder(base.config) }),
  embeddingModel: base.config.embedding,
  countTokens: makeCountTokens(makeO200kLoader()),
};

await warmUpGeneration(base.config);

/** Generates background runs and lines of prompt files. */
export const handler = observed(base, makeGenerateQueueHandler(deps));
