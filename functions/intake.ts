import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { failuresOf } from '../lib/adapters/lambda-queue.ts';
import { parseIntakeMessage } from '../lib/adapters/s3-event.ts';
import { type IntakeDeps, intakeObject } from '../lib/prompts/intake-file.ts';
import { continueFile } from '../lib/sweep/move-file.ts';
import { composeBase } from './composition.ts';

export const makeIntakeHandler =
  (deps: IntakeDeps) =>
  (event: SQSEvent): Promise<SQSBatchResponse> =>
    failuresOf(
      event.Records,
      async ({ body }) => {
        const message = parseIntakeMessage(body);
        if (message.type === 'file') await continueFile(message.fileId, deps);
        else for (const object of message.objects) await intakeObject(object, deps);
      },
      deps.log,
    );

/** Prompt files in, results out. */
export const handler = makeIntakeHandler(composeBase('intake'));
