import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { observed } from '../../lib/adapters/lambda/invocation.ts';
import { failuresOf, outOfTime, waitedMsOf } from '../../lib/adapters/lambda/queue.ts';
import { makeO200kLoader } from '../../lib/adapters/openai/o200k-tokenizer.ts';
import { generateJob, type JobDeps } from '../../lib/files/work/generate-job.ts';
import { makeCountTokens } from '../../lib/generate/count-tokens.ts';
import { JOB_RETRY_POLICY } from '../../lib/generate/retry-policy.ts';
import { parseJob } from '../../lib/lifecycle/claim.ts';
import { composeBatchAnswers } from '../compose/batches.ts';
import { composeBudget, composeLimits } from '../compose/callers.ts';
import { composeGenerateOne, warmUpGeneration } from '../compose/model.ts';
import { composeFiles, composeRequestBase } from '../composition.ts';

export const makeGenerateQueueHandler =
  (deps: JobDeps) =>
  (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const signal = outOfTime(context);
    return failuresOf(
      event.Records,
      (record) => generateJob(parseJob(record.body), deps, signal, waitedMsOf(record)),
      deps.log,
    );
  };

const base = composeRequestBase('generateQueue');
const deps: JobDeps = {
  ...base,
  ...composeFiles(base),
  ...composeBudget(base),
  inFlight: composeLimits(base).inFlight,
  generateOne: composeGenerateOne(base.config, base.invocation.isCold, JOB_RETRY_POLICY),
  batchAnswers: composeBatchAnswers(base),
  countTokens: makeCountTokens(makeO200kLoader()),
};

await warmUpGeneration(base.config);

/** Generates background runs and lines of prompt files. */
export const handler = observed(base, makeGenerateQueueHandler(deps));
