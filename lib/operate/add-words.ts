import type { RunStore } from '../runs/ports.ts';
import { withWords } from '../vectors/metadata.ts';
import { ownVectors, plainId } from '../vectors/own-vectors.ts';
import type { VectorIndex, VectorList, VectorRecord } from '../vectors/ports.ts';
import { deleteLate, isIndexed, isOf, ownedBy } from './owned-vectors.ts';

export type AddWordsDeps = {
  runs: Pick<RunStore, 'get'>;
  /** The vectors of all deployments that share the index. */
  sharedVectors: VectorIndex;
  vectorList: VectorList;
  /** Names this deployment in its vectors. */
  deployment: string;
  /** The namespace of a caller's vectors; for the caller `''` the common prefix. */
  namespace: (caller: string) => string;
};

/** `added`: vectors that got the words of their text, of the `read` ones in the namespace. */
export type NamespaceWithWords = { namespace: string; read: number; added: number };

/**
 * Adds the rare words of their texts to the vectors of this deployment's runs that were stored without, so that search
 * finds them literally; nothing is embedded again. Works page by page and yields each namespace when it is done. It may be
 * interrupted and repeated, and run while the system works: a vector of a run that is deleted meanwhile is deleted.
 *
 * @example
 * for await (const { namespace, added } of addWords(deps)) console.log(`${namespace}: ${added}`);
 */
export async function* addWords(deps: AddWordsDeps): AsyncGenerator<NamespaceWithWords> {
  const { vectorList, namespace: namespaceOf } = deps;
  for (const { name: namespace } of await vectorList.namespaces()) {
    if (!namespace.startsWith(namespaceOf(''))) continue;
    const caller = namespace.slice(namespaceOf('').length);
    const sums = { namespace, read: 0, added: 0 };
    for await (const ids of vectorList.ids(namespace)) {
      sums.read += ids.length;
      sums.added += await addToPage(ids, namespace, caller, deps);
    }
    yield sums;
  }
}

const addToPage = async (
  ids: string[],
  namespace: string,
  caller: string,
  { sharedVectors, deployment, runs }: AddWordsDeps,
): Promise<number> => {
  const owned = await ownedBy(caller, ids.map(plainId), runs);
  const found = await sharedVectors.fetch(
    namespace,
    ids.filter((id) => isIndexed(owned.get(plainId(id)))),
  );
  const lacking = found.flatMap((record): VectorRecord[] => {
    const id = plainId(record.id);
    const metadata = isOf(owned.get(id), record, deployment) ? withWords(record.metadata) : undefined;
    return metadata ? [{ id, values: record.values, metadata }] : [];
  });
  const vectors = ownVectors(sharedVectors, deployment);
  await vectors.upsert(namespace, lacking);
  const written = lacking.map(({ id }) => id);
  return written.length - (await deleteLate(written, { namespace, caller }, { vectors, runs }));
};
