import { readBatchAnswer } from '../../lib/adapters/openai/batch-answer.ts';
import { makeOpenAIBatches } from '../../lib/adapters/openai/batches.ts';
import type { Configuration } from '../../lib/adapters/settings/configuration.ts';
import type { AnswerDeps } from '../../lib/files/batch/answer-from-batch.ts';
import type { Batches } from '../../lib/files/batch/ports.ts';
import type { RouteOf } from '../../lib/sampling/server.ts';
import { accessOf, endpointsOf, pricesOf } from './servers.ts';

/** Batches of the default model server. */
export const composeBatches = (config: Configuration): Batches => {
  const standard = endpointsOf(config).find(({ name }) => name === null);
  if (!standard) throw new Error('there is no default model server');
  return makeOpenAIBatches(accessOf(standard));
};

/** How their answers are read, and what they cost before it is halved. */
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
