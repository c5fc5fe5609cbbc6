import { makeOpenAIModelList } from '../../lib/adapters/openai/model-list.ts';
import type { Configuration } from '../../lib/adapters/settings/configuration.ts';
import { systemClock } from '../../lib/adapters/system.ts';
import { makeListModels } from '../../lib/models/list.ts';
import { accessOf, endpointsOf, pricesOf } from './servers.ts';

/** Builds the list of models of all configured servers. Each server gets `limitMs` to answer, 5 s when left out. */
export const composeListModels = (config: Configuration, limitMs?: number) =>
  makeListModels(
    endpointsOf(config).map((endpoint) => ({
      name: endpoint.name,
      server: endpoint.server,
      list: makeOpenAIModelList(accessOf(endpoint)),
      prices: pricesOf(config, endpoint.name, endpoint.server),
    })),
    systemClock,
    limitMs,
  );
