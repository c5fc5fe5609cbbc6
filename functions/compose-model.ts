import { makeOpenAIModel } from '../lib/adapters/openai/model.ts';
import { makeOpenAIModelList } from '../lib/adapters/openai/model-list.ts';
import type { Configuration } from '../lib/adapters/settings/configuration.ts';
import { systemClock, systemSleep } from '../lib/adapters/system.ts';
import { type GenerateOne, generateOne } from '../lib/generate/generate-one.ts';
import { DEFAULT_RETRY_POLICY, type RetryPolicy } from '../lib/generate/retry-policy.ts';
import { makeIdentify } from '../lib/sampling/identify-server.ts';
import { pricesOf } from './compose-prices.ts';
import { accessOf, composeRoutes, type Endpoint, endpointsOf } from './compose-routes.ts';

/**
 * One generation by the configured model servers: each has its own connections, key, memory of refusals and prices.
 * What `isCold` says when a generation begins is noted with it.
 */
export const composeGenerateOne = (
  config: Configuration,
  isCold: () => boolean,
  policy: RetryPolicy = DEFAULT_RETRY_POLICY,
): GenerateOne => {
  const endpoints = endpointsOf(config);
  const routeOf = composeRoutes(endpoints);
  const clients = new Map(endpoints.map((endpoint) => [endpoint.server, clientOf(endpoint)]));
  return async (one) => {
    const { provider, server, model: name } = routeOf(one.setting.model);
    const client = clients.get(server);
    if (client === undefined) throw new Error('a route leads to no endpoint');
    const deps = {
      model: client.model,
      server,
      prices: pricesOf(config, provider, server, one.setting),
      clock: systemClock,
      sleep: systemSleep,
      random: Math.random,
      coldStart: isCold(),
      policy,
    };
    // Who asks for what not every server applies wants to know whether this one does. It is before t0: no figure moves.
    if (one.setting.topK !== undefined || one.setting.extraBody) await client.identify(name);
    const generated = await generateOne({ ...one, setting: { ...one.setting, model: name } }, deps);
    return provider === null
      ? generated
      : { ...generated, generation: { ...generated.generation, provider } };
  };
};

const clientOf = (endpoint: Endpoint) => {
  const access = accessOf(endpoint);
  return {
    model: makeOpenAIModel(access),
    identify: makeIdentify(endpoint.server, makeOpenAIModelList(access), systemClock.now),
  };
};
