import type { Configuration } from '../../lib/adapters/settings/configuration.ts';
import { systemClock } from '../../lib/adapters/system.ts';
import { once } from '../../lib/async/remember.ts';
import { makeListModels } from '../../lib/models/list.ts';
import type { ModelList } from '../../lib/sampling/identify-server.ts';
import { accessOf, type Endpoint, endpointsOf, pricesOf } from './servers.ts';

/** A server's own list. Its client is loaded at the first call: most requests of the API ask no model server. */
const listOf = (endpoint: Endpoint): ModelList => {
  const load = once(async () => {
    const { makeOpenAIModelList } = await import('../../lib/adapters/openai/model-list.ts');
    return makeOpenAIModelList(accessOf(endpoint));
  });
  return async (signal) => (await load())(signal);
};

/** Builds the list of models of all configured servers. Each server gets `limitMs` to answer, 5 s when left out. */
export const composeListModels = (config: Configuration, limitMs?: number) =>
  makeListModels(
    endpointsOf(config).map((endpoint) => ({
      name: endpoint.name,
      server: endpoint.server,
      list: listOf(endpoint),
      prices: pricesOf(config, endpoint.name, endpoint.server),
    })),
    systemClock,
    limitMs,
  );
