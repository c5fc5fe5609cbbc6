import type { Context } from 'aws-lambda';
import { observed } from '../lib/adapters/lambda/invocation.ts';
import { type MoveExportDeps, moveExport } from '../lib/export/work.ts';
import { type MoveFileDeps, moveFile } from '../lib/files/move-file.ts';
import { type MoveRunDeps, moveRun } from '../lib/lifecycle/move-run.ts';
import { type SweepDeps, type SweepResult, sweep } from '../lib/operate/sweep.ts';
import { type MoveUsageDeps, moveUsage } from '../lib/usage/move-usage.ts';
import { composeExports } from './compose/exports.ts';
import { composeVectors } from './compose/vectors.ts';
import {
  composeBase,
  composeCallerList,
  composeDueIndex,
  composeFiles,
  composeLastSweep,
} from './composition.ts';

type Deps = MoveRunDeps &
  MoveFileDeps &
  Omit<MoveUsageDeps, 'remainingMs'> &
  MoveExportDeps &
  Pick<SweepDeps, 'dueIndex' | 'lastSweep' | 'log'>;

/** Ignores the schedule's event; the event `{"reconcile": "all"}` makes every item with work left count as due. */
export const makeSweepHandler =
  (deps: Deps) =>
  (event: { reconcile?: unknown }, context: Context): Promise<SweepResult> => {
    const remainingMs = () => context.getRemainingTimeInMillis();
    return sweep(
      {
        ...deps,
        movers: {
          RUN: (item, options) => moveRun(item, deps, options),
          FILE: (item) => moveFile(item, deps),
          EXPORT: (item) => moveExport(item, deps),
          USAGE: (item) => moveUsage(item, { ...deps, remainingMs }),
        },
        remainingMs,
      },
      event.reconcile === 'all' ? { reconcile: 'all' } : {},
    );
  };

const base = composeBase('sweep');

/** Continues due runs, files and exports, and sums usage, once a minute. */
export const handler = observed(
  base,
  makeSweepHandler({
    ...base,
    ...composeFiles(base),
    ...composeExports(base),
    dueIndex: composeDueIndex(base),
    lastSweep: composeLastSweep(base),
    callers: composeCallerList(base),
    vectors: composeVectors(base.config),
  }),
);
