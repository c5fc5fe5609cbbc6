import { readBatchAnswer } from '../../lib/adapters/openai/batch-answer.ts';
import type { Configuration } from '../../lib/adapters/settings/configuration.ts';
import { once } from '../../lib/async/remember.ts';
import type { AnswerDeps } from '../../lib/files/batch/answer-from-batch.ts';
import type { Batches } from '../../lib/files/batch/ports.ts';
import type { RouteOf } from '../../lib/sampling/server.ts';
import { accessOf, endpointsOf, pricesOf } from './servers.ts';

/** The Batch API of the default model server. Its client is loaded at the first call: few files are sent as batches. */
export const composeBatches = (config: Configuration): Batches => {
  const defaultEndpoint = endpointsOf(config).find(({ name }) => name === null);
  if (!defaultEndpoint) throw new Error('there is no default model server');
  const load = once(async () => {
    const { makeOpenAIBatches } = await import('../../lib/adapters/openai/batches.ts');
    return makeOpenAIBatches(accessOf(defaultEndpoint));
  });
  return {
    create: async (lines, metadata) => (await load()).create(lines, metadata),
    find: async (metadata, since) => (await load()).find(metadata, since),
    get: async (id) => (await load()).get(id),
    cancel: async (id) => (await load()).cancel(id),
    remove: async (id) => (await load()).remove(id),
    read: async function* (fileId) {
      yield* (await load()).read(fileId);
    },
  };
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
