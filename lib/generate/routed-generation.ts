import type { Prices } from '../pricing/prices.ts';
import type { RouteOf, Server } from '../sampling/server.ts';
import type { Setting } from '../sampling/setting.ts';
import { type GenerateOne, type GenerationDeps, generateOne } from './generate-one.ts';
import type { Model } from './model.ts';

/** The client of one model server. `identify` finds out the kind of a server that is not configured. */
export type ModelClient = { model: Model; identify(model: string): Promise<void> };

export type RoutedDeps = Pick<GenerationDeps, 'clock' | 'random' | 'sleep' | 'policy'> & {
  routeOf: RouteOf;
  clients: ReadonlyMap<Server, ModelClient>;
  pricesOf(provider: string | null, server: Server, setting: Setting): Prices;
  /** Whether this invocation is the first of its execution environment. */
  isCold(): boolean;
};

/** Generates each output on the server that its model's name routes to; the generation names a configured provider. */
export const makeRoutedGeneration =
  ({ routeOf, clients, pricesOf, isCold, ...shared }: RoutedDeps): GenerateOne =>
  async (task) => {
    const { provider, server, model: name } = routeOf(task.setting.model);
    const client = clients.get(server);
    if (client === undefined) throw new Error('no client is composed for the model server of this route');
    const prices = pricesOf(provider, server, task.setting);
    const deps = { ...shared, model: client.model, server, prices, coldStart: isCold() };
    // Whether a server applies these fields depends on its kind. Identify it before t0, so that no figure includes it.
    if (task.setting.topK !== undefined || task.setting.extraBody) await client.identify(name);
    const output = await generateOne({ ...task, setting: { ...task.setting, model: name } }, deps);
    return provider === null ? output : { ...output, generation: { ...output.generation, provider } };
  };
