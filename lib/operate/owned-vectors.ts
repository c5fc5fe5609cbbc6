import { runIdOfVector, vectorIdsOfRun } from '../runs/keys.ts';
import type { RunStore } from '../runs/ports.ts';
import { isAnswered, type Run } from '../runs/run.ts';
import { ownerOf } from '../vectors/own-vectors.ts';
import type { VectorIndex, VectorRecord } from '../vectors/ports.ts';

/** The ids that runs of the caller can have, each with its run as it is now. Runs under way are left out. */
export const ownedBy = async (
  caller: string,
  ids: string[],
  runs: Pick<RunStore, 'get'>,
): Promise<Map<string, Run>> => {
  const owned = new Map<string, Run>();
  for (const [runId, own] of Map.groupBy(ids, runIdOfVector)) {
    const run = runId === undefined ? undefined : await runs.get(runId);
    if (run?.caller !== caller || !isAnswered(run)) continue;
    const possible = new Set(vectorIdsOfRun(run));
    for (const id of own) if (possible.has(id)) owned.set(id, run);
  }
  return owned;
};

/**
 * Deletes those of the vectors just written whose runs were deleted meanwhile: their purge may have come before. Returns
 * how many it deleted.
 */
export const deleteLate = async (
  written: string[],
  { namespace, caller }: { namespace: string; caller: string },
  { vectors, runs }: { vectors: Pick<VectorIndex, 'delete'>; runs: Pick<RunStore, 'get'> },
): Promise<number> => {
  const now = await ownedBy(caller, written, runs);
  const late = written.filter((id) => !isIndexed(now.get(id)));
  await vectors.delete(namespace, late);
  return late.length;
};

/** Whether a run has vectors that search may find. */
export const isIndexed = (run: Run | undefined): boolean =>
  run?.status === 'generated' || run?.status === 'completed';

/**
 * Whether a vector is this deployment's. Without a deployment's id it is when it was made with the run: another
 * deployment's run of the same id has another time.
 */
export const isOf = (run: Run | undefined, record: VectorRecord, deployment: string): boolean => {
  const owner = ownerOf(record);
  return owner === undefined
    ? run !== undefined && record.metadata.created_at === Date.parse(run.createdAt)
    : owner === deployment;
};
