import { type MoveExportDeps, moveExport } from '../../lib/export/work.ts';
import { type MoveFileDeps, moveFile } from '../../lib/files/move-file.ts';
import { type MoveRunDeps, moveRun } from '../../lib/lifecycle/move-run.ts';
import type { SweepDeps } from '../../lib/operate/sweep.ts';
import { type MoveUsageDeps, moveUsage } from '../../lib/usage/move-usage.ts';
import { composeCallerList, composeFiles, withClients } from '../composition.ts';
import type { Core } from './core.ts';
import { composeExports } from './exports.ts';
import { composeVectors } from './vectors.ts';

type Deps = MoveRunDeps & MoveFileDeps & MoveExportDeps & Omit<MoveUsageDeps, 'remainingMs'>;

/** The prefix of the partition key of an item that can be due. */
type DueKind = 'RUN' | 'FILE' | 'EXPORT' | 'USAGE';

/** Continues the work of due items, by their kind, in an invocation with so much time left. */
export type Movers = (remainingMs: () => number) => Record<DueKind, SweepDeps['movers'][string]>;

export const makeMovers =
  (deps: Deps): Movers =>
  (remainingMs) => ({
    RUN: (item, options) => moveRun(item, deps, options),
    FILE: (item) => moveFile(item, deps),
    EXPORT: (item) => moveExport(item, deps),
    USAGE: (item) => moveUsage(item, { ...deps, remainingMs }),
  });

export const composeMovers = (core: Core): Movers => {
  const base = withClients(core);
  return makeMovers({
    ...base,
    ...composeFiles(base),
    ...composeExports(base),
    callers: composeCallerList(base),
    vectors: composeVectors(base.config),
  });
};
