import type { Context } from 'aws-lambda';
import { observed } from '../lib/adapters/lambda/invocation.ts';
import { type MoveFileDeps, moveFile } from '../lib/files/move-file.ts';
import { type MoveRunDeps, moveRun } from '../lib/lifecycle/move-run.ts';
import { type SweepDeps, type SweepResult, sweep } from '../lib/operate/sweep.ts';
import { composeVectors } from './compose/vectors.ts';
import { composeBase, composeDueIndex, composeFiles } from './composition.ts';

type Deps = MoveRunDeps & MoveFileDeps & Pick<SweepDeps, 'dueIndex' | 'log'>;

/** The schedule's event carries nothing that matters; an invocation with `{"reconcile": "all"}` treats all as due. */
export const makeSweepHandler =
  (deps: Deps) =>
  (event: { reconcile?: unknown }, context: Context): Promise<SweepResult> =>
    sweep(
      {
        ...deps,
        movers: { RUN: (item) => moveRun(item, deps), FILE: (item) => moveFile(item, deps) },
        remainingMs: () => context.getRemainingTimeInMillis(),
      },
      event.reconcile === 'all' ? { reconcile: 'all' } : {},
    );

const base = composeBase('sweep');

/** Each minute: whatever is due. */
export const handler = observed(
  base,
  makeSweepHandler({
    ...base,
    ...composeFiles(base),
    dueIndex: composeDueIndex(base),
    vectors: composeVectors(base.config),
  }),
);
