import { readBatchAnswer } from '../../lib/adapters/openai/batch-answer.ts';
import { makeOpenAIBatches } from '../../lib/adapters/openai/batches.ts';
import type { Configuration } from '../../lib/adapters/settings/configuration.ts';
import type { AnswerDeps } from '../../lib/files/batch/answer-from-batch.ts';
import type { Batches } from '../../lib/files/batch/ports.ts';
import type { RouteOf } from '../../lib/sampling/server.ts';
import { accessOf, endpointsOf, pricesOf } from './servers.ts';

/** The Batch API of the default model server. */
export const composeBatches = (config: Configuration): Batches => {
  const defaultEndpoint = endpointsOf(config).find(({ name }) => name === null);
  if (!defaultEndpoint) throw new Error('there is no default model server');
  return makeOpenAIBatches(accessOf(defaultEndpoint));
};

/** The reader of batch answers, and the full prices that batches cost half of. */
export const composeBatchAnswers = ({
  config,
  defaults,
}: {
  config: Configuration;
  defaults: { routeOf: RouteOf };
}): AnswerDeps['batchAnswers'] => ({
  read: readBatchAnswer,
  pricesOf: (setting) => {
    const { provider, server } = defaults.routeOf(setting.model);
    return pricesOf(config, provider, server, setting);
  },
});
