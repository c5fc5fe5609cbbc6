import { runIdOfVector, vectorIdsOfRun } from '../runs/keys.ts';
import type { RunStore } from '../runs/ports.ts';
import { isAnswered, type Run } from '../runs/run.ts';
import { ownerOf, ownVectors } from '../vectors/own-vectors.ts';
import type { VectorIndex, VectorList, VectorRecord } from '../vectors/ports.ts';

export type MoveVectorsDeps = {
  runs: Pick<RunStore, 'get'>;
  /** The vectors of all deployments that share the index. */
  sharedVectors: VectorIndex;
  vectorList: VectorList;
  /** Names this deployment in its vectors. */
  deployment: string;
  /** The namespace of a caller's vectors before the move, and after it; for the caller `''` the common prefix. */
  from: (caller: string) => string;
  to: (caller: string) => string;
};

/** The numbers of one namespace. `deleted`: vectors of runs deleted since; `left`: not of a run of this deployment. */
export type MovedNamespace = { namespace: string; moved: number; deleted: number; left: number };

/**
 * Moves the vectors of this deployment's runs from their earlier namespaces, page by page; yields each namespace when it
 * is done. A vector is deleted only after its copy is acknowledged, so a move that was killed is repeated from the
 * start: it finds what is left. All other vectors stay untouched. Safe to run while the system works.
 *
 * @example
 * for await (const { namespace, moved } of moveVectors(deps)) console.log(`${namespace}: ${moved} moved`);
 */
export async function* moveVectors(deps: MoveVectorsDeps): AsyncGenerator<MovedNamespace> {
  const { vectorList, from } = deps;
  for (const { name: namespace } of await vectorList.namespaces()) {
    if (!namespace.startsWith(from(''))) continue;
    const caller = namespace.slice(from('').length);
    const sums: MovedNamespace = { namespace, moved: 0, deleted: 0, left: 0 };
    for await (const ids of vectorList.ids(namespace)) {
      const { moved, deleted } = await movePage(ids, namespace, caller, deps);
      sums.moved += moved;
      sums.deleted += deleted;
      sums.left += ids.length - moved - deleted;
    }
    yield sums;
  }
}

const movePage = async (
  ids: string[],
  namespace: string,
  caller: string,
  { sharedVectors, deployment, runs, to }: MoveVectorsDeps,
): Promise<{ moved: number; deleted: number }> => {
  const owned = await ownedBy(caller, ids, runs);
  const found = await sharedVectors.fetch(namespace, [...owned.keys()]);
  const mine = found.filter((record) => isOf(owned.get(record.id), record, deployment));
  const kept = mine.filter(({ id }) => isIndexed(owned.get(id)));
  const vectors = ownVectors(sharedVectors, deployment);
  await vectors.upsert(to(caller), kept);
  // A run deleted meanwhile was purged from its namespace, perhaps before the copy came there.
  const now = await ownedBy(
    caller,
    kept.map(({ id }) => id),
    runs,
  );
  const late = kept.map(({ id }) => id).filter((id) => !isIndexed(now.get(id)));
  await vectors.delete(to(caller), late);
  await sharedVectors.delete(
    namespace,
    mine.map(({ id }) => id),
  );
  const moved = kept.length - late.length;
  return { moved, deleted: mine.length - moved };
};

/** The ids that runs of the caller can have, each with its run as it is now. Runs under way are left out. */
const ownedBy = async (
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

const isIndexed = (run: Run | undefined): boolean =>
  run?.status === 'generated' || run?.status === 'completed';

/**
 * Whether a vector is this deployment's. Without a deployment's id it is when it was made with the run: another
 * deployment's run of the same id has another time.
 */
const isOf = (run: Run | undefined, record: VectorRecord, deployment: string): boolean => {
  const owner = ownerOf(record);
  return owner === undefined
    ? run !== undefined && record.metadata.created_at === Date.parse(run.createdAt)
    : owner === deployment;
};
