import { makeOpenAIModel } from '../../lib/adapters/openai/model.ts';
import { makeOpenAIModelList } from '../../lib/adapters/openai/model-list.ts';
import { warmUpModel } from '../../lib/adapters/openai/warm-up.ts';
import type { Configuration } from '../../lib/adapters/settings/configuration.ts';
import { systemClock, systemReadings, systemSleep } from '../../lib/adapters/system.ts';
import type { GenerateOne } from '../../lib/generate/generate-one.ts';
import { DEFAULT_RETRY_POLICY, type RetryPolicy } from '../../lib/generate/retry-policy.ts';
import { type ModelClient, makeRoutedGeneration } from '../../lib/generate/routed-generation.ts';
import { makeIdentify } from '../../lib/sampling/identify-server.ts';
import { accessOf, composeRoutes, type Endpoint, endpointsOf, pricesOf } from './servers.ts';

/**
 * Builds the generation of one output with the configured model servers. Each server has its own connections, key,
 * prices and memory of refused fields. Each generation records the result of `isCold` at its start.
 */
export const composeGenerateOne = (
  config: Configuration,
  isCold: () => boolean,
  policy: RetryPolicy = DEFAULT_RETRY_POLICY,
): GenerateOne => {
  const endpoints = endpointsOf(config);
  return makeRoutedGeneration({
    routeOf: composeRoutes(endpoints, config),
    clients: new Map(endpoints.map((endpoint) => [endpoint.server, clientOf(endpoint)])),
    pricesOf: (provider, server, setting) => pricesOf(config, provider, server, setting),
    isCold,
    policy,
    clock: systemClock,
    sleep: systemSleep,
    random: Math.random,
  });
};

const clientOf = (endpoint: Endpoint): ModelClient => {
  const access = accessOf(endpoint);
  return {
    model: makeOpenAIModel({ ...access, readings: systemReadings }),
    identify: makeIdentify(endpoint.server, makeOpenAIModelList(access), systemClock.now),
  };
};

/** Warms up the generation of a first output, at the start of its function; see `warmUpModel`. */
export const warmUpGeneration = (config: Configuration): Promise<void> => {
  const { server } = composeRoutes(endpointsOf(config), config)(config.defaultModel);
  return warmUpModel({ baseURL: server.baseUrl, clock: systemClock, readings: systemReadings });
};
