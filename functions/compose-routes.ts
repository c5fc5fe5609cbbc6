import type { Configuration } from '../lib/adapters/settings/configuration.ts';
import { rowsOf } from '../lib/adapters/settings/providers.ts';
import type { SecretSource } from '../lib/adapters/settings/secrets.ts';
import { makeSecret } from '../lib/adapters/settings/secrets.ts';
import { systemClock } from '../lib/adapters/system.ts';
import type { ProviderOf } from '../lib/lifecycle/measure-run.ts';
import { makeRouteOf, type RouteOf } from '../lib/sampling/routes.ts';
import { kindOf, makeServer, type Server } from '../lib/sampling/server.ts';

const OPENAI = 'https://api.openai.com/v1';

/** A configured model server; `name` is null for the default one. */
export type Endpoint = { name: string | null; server: Server; apiKey: SecretSource };

/** Every configured model server, the default one first, knowing what is configured and nothing else yet. */
export const endpointsOf = ({ openai, providers, catalogue }: Configuration): Endpoint[] => {
  const names = [...providers.keys()];
  const standard = makeServer(openai.baseUrl ?? OPENAI, { rows: rowsOf(catalogue, null, names) });
  return [
    { name: null, server: standard, apiKey: openai.apiKey },
    ...[...providers].map(([name, { baseUrl, apiKey, kind }]) => ({
      name,
      server: makeServer(baseUrl, { kind, rows: rowsOf(catalogue, name, names) }),
      apiKey,
    })),
  ];
};

export const composeRoutes = (endpoints: readonly Endpoint[]): RouteOf => {
  const named = endpoints.flatMap(({ name, server }) => (name === null ? [] : [[name, server] as const]));
  const standard = endpoints.find(({ name }) => name === null)?.server ?? makeServer(OPENAI);
  return makeRouteOf(standard, new Map(named));
};

/** A model's provider as metrics name it: what its server is, where that is known, else as it is configured. */
export const providersOf =
  (routeOf: RouteOf): ProviderOf =>
  (named) => {
    const { provider, server, model } = routeOf(named);
    const kind = kindOf(server, model);
    return kind === 'other' ? (provider ?? kind) : kind;
  };

/** What a client of an endpoint is made with. */
export const accessOf = ({ name, server, apiKey }: Endpoint) => ({
  clock: systemClock,
  baseURL: server.baseUrl,
  apiKey: makeSecret(apiKey, name === null ? 'OPENAI_API_KEY' : `the api_key of ${name} in PROVIDERS`),
  provider: name ?? undefined,
});
