import type { Context } from 'aws-lambda';
import { observed } from '../lib/adapters/lambda/invocation.ts';
import { once } from '../lib/async/remember.ts';
import { type SweepDeps, type SweepResult, sweep } from '../lib/operate/sweep.ts';
import { composeCore, composeDueIndex, composeLastSweep } from './compose/core.ts';
import type { Movers } from './compose/movers.ts';

/**
 * Ignores the schedule's event; the event `{"reconcile": "all"}` makes every item with work left count as due. `load` is
 * called when the first item is due: most minutes have none, so most sweeps need no client but the table's.
 */
export const makeSweepHandler =
  (deps: Omit<SweepDeps, 'movers' | 'remainingMs'>, load: () => Promise<Movers>) =>
  (event: { reconcile?: unknown }, context: Context): Promise<SweepResult> => {
    const remainingMs = () => context.getRemainingTimeInMillis();
    const loaded = async () => (await load())(remainingMs);
    const movers: ReturnType<Movers> = {
      RUN: async (item, options) => (await loaded()).RUN(item, options),
      FILE: async (item, options) => (await loaded()).FILE(item, options),
      EXPORT: async (item, options) => (await loaded()).EXPORT(item, options),
      USAGE: async (item, options) => (await loaded()).USAGE(item, options),
    };
    return sweep({ ...deps, movers, remainingMs }, event.reconcile === 'all' ? { reconcile: 'all' } : {});
  };

const core = composeCore('sweep');

/** Continues due runs, files and exports, and sums usage, once a minute. */
export const handler = observed(
  core,
  makeSweepHandler(
    { ...core, dueIndex: composeDueIndex(core), lastSweep: composeLastSweep(core) },
    once(async () => {
      const { composeMovers } = await import('./compose/movers.ts');
      return composeMovers(core);
    }),
  ),
);
