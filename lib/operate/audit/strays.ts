import { isRunId, outputKey, requestKey, runIdOfVector, vectorIdsOfRun } from '../../runs/keys.ts';
import { hasEnded, type Run } from '../../runs/run.ts';
import { ownerOf, plainId } from '../../vectors/own-vectors.ts';
import type { AuditDeps, Finding } from './ports.ts';

type ById = ReadonlyMap<string, Run>;
/** Whether a run in its current state owns an object or a vector. */
type Owns = (run: Run | undefined, item: string) => boolean;

/**
 * Objects that no run points at: outputs of lost leases, once their run has ended, and leftovers of deleted runs. A
 * request without its run does not count, because the request is saved before the run item is created.
 */
export const strayObjects = async (scanned: ById, deps: AuditDeps): Promise<Finding[]> => {
  const keys = [...(await deps.content.list('outputs/')), ...(await deps.content.list('requests/'))];
  const groups = Map.groupBy(keys, (key) => /^(?:outputs|requests)\/(run_\w+)[/.]/.exec(key)?.[1] ?? '');
  const findings: Finding[] = [];
  for (const [id, own] of groups) {
    const strays = await unowned(id, own, scanned, ownsObject, deps);
    if (strays.length === 0) continue;
    const repair = async () => {
      await deps.content.delete(strays);
      return true;
    };
    findings.push({ kind: 'orphaned_objects', id, count: strays.length, detail: strays.join(' '), repair });
  }
  return findings;
};

/**
 * Vectors in the namespaces of this embedding model that no run owns. Those of another deployment are left out, and
 * those without a deployment's id are only counted: they may be another's, from before vectors carried one. Skips ids
 * that everytoken does not make.
 */
export const strayVectors = async (
  scanned: ById,
  deps: AuditDeps,
): Promise<{ findings: Finding[]; unclaimed: number; earlier: number }> => {
  const findings: Finding[] = [];
  let unclaimed = 0;
  const namespaces = await deps.vectorList.namespaces();
  const within = (prefix: string) => namespaces.filter(({ name }) => name.startsWith(prefix));
  for (const { name: namespace } of within(deps.namespace(''))) {
    const ownsVector: Owns = (run, storedId) => {
      if (!run || namespace !== deps.namespace(run.caller)) return false;
      if (run.status === 'deleted') return run.dueAt !== null;
      if (run.status === 'generated' || run.status === 'completed')
        return vectorIdsOfRun(run).includes(plainId(storedId));
      return !hasEnded(run);
    };
    const groups = Map.groupBy(await idsIn(namespace, deps), (id) => runIdOfVector(id) ?? '');
    for (const [id, stored] of groups) {
      const suspects = await unowned(id, stored, scanned, ownsVector, deps);
      if (suspects.length === 0) continue;
      const records = await deps.sharedVectors.fetch(namespace, suspects);
      unclaimed += records.filter((record) => ownerOf(record) === undefined).length;
      const strays = records
        .filter((record) => ownerOf(record) === deps.deployment)
        .map((record) => record.id);
      if (strays.length === 0) continue;
      const repair = async () => {
        await deps.vectors.delete(namespace, strays.map(plainId));
        return true;
      };
      const detail = `${strays.join(' ')} in ${namespace}`;
      findings.push({ kind: 'orphaned_vectors', id, count: strays.length, detail, repair });
    }
  }
  const isMoved = deps.namespace('') !== deps.earlierNamespace('');
  const earlier = isMoved ? within(deps.earlierNamespace('')) : [];
  return { findings, unclaimed, earlier: earlier.reduce((sum, { vectors }) => sum + vectors, 0) };
};

const idsIn = async (namespace: string, { vectorList }: AuditDeps): Promise<string[]> => {
  const ids: string[] = [];
  for await (const page of vectorList.ids(namespace))
    ids.push(...page.filter((id) => runIdOfVector(id) !== undefined));
  return ids;
};

/** The items that a run owned neither when it was scanned nor now. */
const unowned = async (
  id: string,
  items: string[],
  scanned: ById,
  owns: Owns,
  { runs }: AuditDeps,
): Promise<string[]> => {
  if (!isRunId(id)) return [];
  const suspects = items.filter((item) => !owns(scanned.get(id), item));
  if (suspects.length === 0) return [];
  const current = await runs.get(id);
  return suspects.filter((item) => !owns(current, item));
};

const ownsObject: Owns = (run, key) => {
  if (!run) return key.startsWith('requests/');
  // While a due time is set, the sweep will purge the rest: of a deleted run again, and of a cancelled run once its
  // worker must have noticed.
  if (run.status === 'deleted' || (run.status === 'cancelled' && run.dueAt !== null))
    return run.dueAt !== null;
  if (!hasEnded(run)) return true;
  // The sweep deletes the request of a run with `store: false` while a due time is set.
  if (key === requestKey(run.id)) return run.store || run.dueAt !== null;
  return run.generations.some(({ lease }, index) => key === outputKey(run.id, index, lease));
};
