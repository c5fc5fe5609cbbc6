import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { observed } from '../lib/adapters/lambda/invocation.ts';
import { failuresOf } from '../lib/adapters/lambda/queue.ts';
import { embedBatch } from '../lib/embed/embed-batch.ts';
import type { EmbedDeps } from '../lib/embed/embed-runs.ts';
import { parseRunGenerated, type RunGenerated } from '../lib/embed/run-generated.ts';
import { composeBudget } from './compose/callers.ts';
import { composeEmbedder } from './compose/embedder.ts';
import { composeVectors } from './compose/vectors.ts';
import { composeRequestBase } from './composition.ts';

/** Embeds all valid events of a batch together, then reports each failed or malformed record by itself. */
export const makeEmbedHandler =
  (deps: EmbedDeps) =>
  async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const events = new Map<SQSRecord, RunGenerated>();
    const malformed = await failuresOf(
      event.Records,
      async (record) => {
        events.set(record, parseRunGenerated(record.body));
      },
      deps.log,
    );
    const failures = await embedBatch([...events.values()], deps);
    const failed = await failuresOf(
      [...events.keys()],
      async (record) => {
        const failure = failures.get(events.get(record)?.run_id ?? '');
        if (failure !== undefined) throw failure;
      },
      deps.log,
    );
    return { batchItemFailures: [...malformed.batchItemFailures, ...failed.batchItemFailures] };
  };

const base = composeRequestBase('embed');

/** On RunGenerated: embeds the outputs, upserts the vectors and completes the run. */
export const handler = observed(
  base,
  makeEmbedHandler({
    ...base,
    ...composeBudget(base),
    embedder: composeEmbedder(base.config),
    vectors: composeVectors(base.config),
  }),
);
