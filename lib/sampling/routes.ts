import type { Server } from './server.ts';

/** Where a model of a run is asked for: the server, its configured name (null: the default one), the model's name there. */
export type Route = { provider: string | null; server: Server; model: string };

export type RouteOf = (model: string) => Route;

/**
 * Finds the server of a model: `provider/model` is that provider's, where one of that name is configured; any other
 * name goes to the default server as it is, slashes included.
 */
export const makeRouteOf =
  (standard: Server, providers: ReadonlyMap<string, Server>): RouteOf =>
  (model) => {
    const slash = model.indexOf('/');
    const provider = model.slice(0, Math.max(0, slash));
    const server = providers.get(provider);
    const name = model.slice(slash + 1);
    return server === undefined || name === ''
      ? { provider: null, server: standard, model }
      : { provider, server, model: name };
  };

/** A model's name as one would write it in a run. */
export const modelId = (provider: string | null, model: string): string =>
  provider === null ? model : `${provider}/${model}`;
