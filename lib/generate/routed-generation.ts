import type { Prices } from '../pricing/prices.ts';
import type { RouteOf, Server } from '../sampling/server.ts';
import type { Setting } from '../sampling/setting.ts';
import { type GenerateOne, type GenerationDeps, generateOne } from './generate-one.ts';
import type { Model } from './model.ts';

/** One model server: how it is asked, and how to find out what it is where nobody has said. */
export type ModelClient = { model: Model; identify(model: string): Promise<void> };

export type RoutedDeps = Pick<GenerationDeps, 'clock' | 'random' | 'sleep' | 'policy'> & {
  routeOf: RouteOf;
  clients: ReadonlyMap<Server, ModelClient>;
  pricesOf(provider: string | null, server: Server, asked: Setting): Prices;
  /** Whether this invocation is the first of its execution environment. */
  isCold(): boolean;
};

/**
 * Generations by several model servers, each output by the one that its model's name leads to. An output of a named
 * provider says which.
 */
export const makeRoutedGeneration =
  ({ routeOf, clients, pricesOf, isCold, ...shared }: RoutedDeps): GenerateOne =>
  async (task) => {
    const { provider, server, model: name } = routeOf(task.setting.model);
    const client = clients.get(server);
    if (client === undefined) throw new Error('a route leads to no model server');
    const prices = pricesOf(provider, server, task.setting);
    const deps = { ...shared, model: client.model, server, prices, coldStart: isCold() };
    // Not every server applies these fields, and what it is tells whether this one does. Before t0: no figure moves.
    if (task.setting.topK !== undefined || task.setting.extraBody) await client.identify(name);
    const output = await generateOne({ ...task, setting: { ...task.setting, model: name } }, deps);
    return provider === null ? output : { ...output, generation: { ...output.generation, provider } };
  };
