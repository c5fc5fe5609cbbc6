import { batchesUpTo } from '../async/in-batches.ts';
import { UpstreamError } from '../errors.ts';
import { type EmbedDeps, embedRuns } from './embed-runs.ts';
import type { RunGenerated } from './run-generated.ts';

/**
 * Upper bound of the chunks whose texts and vectors are held at once: 4 MB of text, and 12 MB of vectors of 1536
 * dimensions. A run with more is embedded alone.
 */
const MAX_CHUNKS = 2_000;

/**
 * Embeds the runs of a batch of messages, as many together as their outputs' chunks allow, group by group. Returns the
 * errors by run id, as `embedRuns` does. Once a service fails every run of a group, the groups after it fail alike: each
 * would wait for its own retries in vain.
 *
 * @example
 * const failures = await embedBatch(records.map(({ body }) => parseRunGenerated(body)), deps);
 */
export const embedBatch = async (
  events: RunGenerated[],
  deps: EmbedDeps,
  { maxChunks = MAX_CHUNKS }: { maxChunks?: number } = {},
): Promise<Map<string, unknown>> => {
  const distinct = [...new Map(events.map((event) => [event.run_id, event])).values()];
  const limits = { maxItems: distinct.length, maxBytes: maxChunks, bytesOf: chunksOf };
  const failures = new Map<string, unknown>();
  let outage: unknown;
  for (const group of batchesUpTo(distinct, limits)) {
    if (outage === undefined) {
      const failed = await embedRuns(group, deps);
      for (const [runId, error] of failed) failures.set(runId, error);
      if (group.every(({ run_id }) => isOutage(failed.get(run_id)))) outage = failed.values().next().value;
    } else for (const { run_id } of group) failures.set(run_id, outage);
  }
  return failures;
};

const chunksOf = ({ outputs }: RunGenerated): number => outputs.reduce((sum, { chunks }) => sum + chunks, 0);

const isOutage = (error: unknown): boolean => error instanceof UpstreamError && error.retryable;
