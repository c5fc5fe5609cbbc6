import type { RunStore } from '../runs/ports.ts';
import { withWords } from '../vectors/metadata.ts';
import { ownVectors } from '../vectors/own-vectors.ts';
import type { VectorIndex, VectorList } from '../vectors/ports.ts';
import { deleteLate, isIndexed, isOf, ownedBy } from './owned-vectors.ts';

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
  const copies = kept.map((record) => ({
    ...record,
    metadata: withWords(record.metadata) ?? record.metadata,
  }));
  await vectors.upsert(to(caller), copies);
  const late = await deleteLate(
    kept.map(({ id }) => id),
    { namespace: to(caller), caller },
    { vectors, runs },
  );
  await sharedVectors.delete(
    namespace,
    mine.map(({ id }) => id),
  );
  const moved = kept.length - late;
  return { moved, deleted: mine.length - moved };
};
