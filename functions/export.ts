import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod';
import { observed } from '../lib/adapters/lambda/invocation.ts';
import { failuresOf } from '../lib/adapters/lambda/queue.ts';
import { continueExport, type WorkDeps } from '../lib/export/work.ts';
import { listRuns } from '../lib/runs/list/read.ts';
import { parseMessage } from '../lib/runs/queue-message.ts';
import { composeExports } from './compose/exports.ts';
import { composeBase } from './composition.ts';

const message = z.object({ type: z.literal('export'), export_id: z.string() });

export const makeExportHandler =
  (base: Omit<WorkDeps, 'remainingMs'>) =>
  (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const deps = { ...base, remainingMs: () => context.getRemainingTimeInMillis() };
    return failuresOf(
      event.Records,
      ({ body }) => continueExport(parseMessage(body, message, 'bad_event').export_id, deps),
      base.log,
    );
  };

const base = composeBase('export');

/** Writes exports of runs into objects. */
export const handler = observed(
  base,
  makeExportHandler({
    ...base,
    ...composeExports(base),
    listRuns: (query) => listRuns(query, base),
  }),
);
