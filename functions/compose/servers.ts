import { openAIPrices } from '../../lib/adapters/openai/prices.ts';
import type { Configuration } from '../../lib/adapters/settings/configuration.ts';
import { rowsOf } from '../../lib/adapters/settings/providers.ts';
import { makeSecret, type SecretSource } from '../../lib/adapters/settings/secrets.ts';
import { systemClock } from '../../lib/adapters/system.ts';
import type { ProviderOf } from '../../lib/lifecycle/measure-run.ts';
import { type Prices, UNKNOWN_PRICES, withOwnPrices } from '../../lib/pricing/prices.ts';
import {
  kindOf,
  makeRouteOf,
  makeServer,
  modelId,
  type RouteOf,
  type Server,
} from '../../lib/sampling/server.ts';
import type { Setting } from '../../lib/sampling/setting.ts';

/** Where the official API is. */
export const OPENAI = 'https://api.openai.com/v1';

/** A configured model server; `name` is null for the default one. */
export type Endpoint = { name: string | null; server: Server; apiKey: SecretSource };

/** All configured model servers, the default one first, with the catalogue rows that are configured for each. */
export const endpointsOf = ({ openai, providers, catalogue }: Configuration): Endpoint[] => {
  const names = [...providers.keys()];
  const defaultServer = makeServer(openai.baseUrl ?? OPENAI, { rows: rowsOf(catalogue, null, names) });
  return [
    { name: null, server: defaultServer, apiKey: openai.apiKey },
    ...[...providers].map(([name, { baseUrl, apiKey, kind, api }]) => ({
      name,
      server: makeServer(baseUrl, { kind, api, rows: rowsOf(catalogue, name, names) }),
      apiKey,
    })),
  ];
};

export const composeRoutes = (
  endpoints: readonly Endpoint[],
  { modelAliases }: Pick<Configuration, 'modelAliases'>,
): RouteOf => {
  const named = endpoints.flatMap(({ name, server }) => (name === null ? [] : [[name, server] as const]));
  const defaultServer = endpoints.find(({ name }) => name === null)?.server ?? makeServer(OPENAI);
  return makeRouteOf(defaultServer, new Map(named), modelAliases);
};

/** The options of a client of an endpoint. */
export const accessOf = ({ name, server, apiKey }: Endpoint) => ({
  clock: systemClock,
  baseURL: server.baseUrl,
  apiKey: makeSecret(apiKey, name === null ? 'OPENAI_API_KEY' : `the api_key of ${name} in PROVIDERS`),
  provider: name ?? undefined,
});

/** A model's provider for metrics: the kind of its server if known, else the configured name, else `other`. */
export const providersOf =
  (routeOf: RouteOf): ProviderOf =>
  (named) => {
    const { provider, server, model } = routeOf(named);
    const kind = kindOf(server, model);
    return kind === 'other' ? (provider ?? kind) : kind;
  };

/** The prices of a server: the operator's own, else OpenAI's list prices, which apply only to api.openai.com. */
export const pricesOf = (
  { prices }: Pick<Configuration, 'prices'>,
  provider: string | null,
  { baseUrl }: Pick<Server, 'baseUrl'>,
  setting?: Pick<Setting, 'model' | 'extraBody'>,
): Prices =>
  withOwnPrices(
    prices,
    isListed(baseUrl, setting?.extraBody?.service_tier) ? openAIPrices : UNKNOWN_PRICES,
    (model) => modelId(provider, model),
    setting?.model,
  );

/** Whether the list prices apply. Regional hosts and other service tiers have other prices. */
const isListed = (baseUrl: string, tier: unknown): boolean =>
  URL.parse(baseUrl)?.hostname === 'api.openai.com' &&
  [undefined, null, 'auto', 'default'].some((usual) => tier === usual);
