import { makeOpenAIModel } from '../../lib/adapters/openai/model.ts';
import { openAIPrices } from '../../lib/adapters/openai/prices.ts';
import { systemClock } from '../../lib/adapters/system.ts';
import { DEFAULT_RETRY_POLICY } from '../../lib/generate/retry-policy.ts';
import { makeRoutedGeneration } from '../../lib/generate/routed-generation.ts';
import { makeRouteOf, makeServer } from '../../lib/sampling/server.ts';
import { makeWorld } from './world.ts';

/** Ports in memory, whose runs a real model server generates; `options` are what is configured of it. */
export const worldOverServer = (
  { url, apiKey = 'key', model }: { url: string; apiKey?: string; model: string },
  options: Parameters<typeof makeServer>[1] = {},
) => {
  const server = makeServer(url, options);
  const routeOf = makeRouteOf(server, new Map());
  const client = {
    model: makeOpenAIModel({ clock: systemClock, apiKey, baseURL: url }),
    identify: async () => {},
  };
  return makeWorld({
    defaults: { model, routeOf },
    generateOne: makeRoutedGeneration({
      routeOf,
      clients: new Map([[server, client]]),
      pricesOf: () => openAIPrices,
      isCold: () => false,
      policy: DEFAULT_RETRY_POLICY,
      clock: systemClock,
      sleep: async () => {},
      random: Math.random,
    }),
  });
};
