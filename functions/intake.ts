import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { parseIntakeMessage } from '../lib/adapters/aws/s3-event.ts';
import { observed } from '../lib/adapters/lambda/invocation.ts';
import { failuresOf } from '../lib/adapters/lambda/queue.ts';
import { continueFile, type IntakeDeps } from '../lib/files/move-file.ts';
import { intakeObject } from '../lib/files/read/intake.ts';
import { writePartialResults } from '../lib/files/results/assemble.ts';
import { composeBatches } from './compose/batches.ts';
import { composeBudget, composeKeys } from './compose/callers.ts';
import { composeFiles, composeRequestBase, composeSource } from './composition.ts';

export const makeIntakeHandler =
  (base: Omit<IntakeDeps, 'remainingMs'>) =>
  (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    // Each invocation has its own deadline; unfinished work continues in another invocation.
    const deps = { ...base, remainingMs: () => context.getRemainingTimeInMillis() };
    const handle = async (body: string): Promise<void> => {
      const message = parseIntakeMessage(body);
      if (message.type === 'objects') for (const object of message.objects) await intakeObject(object, deps);
      else if (message.type === 'partial') await writePartialResults(message.fileId, deps);
      else await continueFile(message.fileId, deps);
    };
    return failuresOf(event.Records, ({ body }) => handle(body), base.log);
  };

const base = composeRequestBase('intake');

/** Turns prompt files into jobs, and finished files into results. */
export const handler = observed(
  base,
  makeIntakeHandler({
    ...base,
    ...composeFiles(base),
    ...composeBudget(base),
    keys: composeKeys(base),
    readSource: composeSource(base),
    embeddingModel: base.config.embedding,
    batches: composeBatches(base.config),
  }),
);
