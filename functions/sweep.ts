import type { Context } from 'aws-lambda';
import { observed } from '../lib/adapters/lambda/invocation.ts';
import { own } from '../lib/json/value.ts';
import { type SweepDeps, type SweepResult, sweep } from '../lib/operate/sweep.ts';
import { composeCore, composeDueIndex, composeLastSweep } from './compose/core.ts';
import type { Movers } from './compose/movers.ts';

/**
 * Ignores the schedule's event; the event `{"reconcile": "all"}` makes every item with work left count as due. `load` is
 * called when the first item is due: most minutes have none, so most sweeps need no client but the table's.
 */
export const makeSweepHandler = (
  deps: Omit<SweepDeps, 'movers' | 'remainingMs'>,
  load: () => Promise<Movers>,
) => {
  let loading: Promise<Movers> | undefined;
  return (event: { reconcile?: unknown }, context: Context): Promise<SweepResult> => {
    const remainingMs = () => context.getRemainingTimeInMillis();
    const moverOf =
      (kind: string): SweepDeps['movers'][string] =>
      async (item, options) => {
        loading ??= load();
        await own((await loading)(remainingMs), kind)?.(item, options);
      };
    const movers = Object.fromEntries(KINDS.map((kind) => [kind, moverOf(kind)]));
    return sweep({ ...deps, movers, remainingMs }, event.reconcile === 'all' ? { reconcile: 'all' } : {});
  };
};

/** The prefixes of the partition keys of items that can be due. */
const KINDS = ['RUN', 'FILE', 'EXPORT', 'USAGE'];

const core = composeCore('sweep');

/** Continues due runs, files and exports, and sums usage, once a minute. */
export const handler = observed(
  core,
  makeSweepHandler(
    { ...core, dueIndex: composeDueIndex(core), lastSweep: composeLastSweep(core) },
    async () => {
      const { composeMovers } = await import('./compose/movers.ts');
      return composeMovers(core);
    },
  ),
);
