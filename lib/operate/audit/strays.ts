import { isRunId, outputKey, requestKey, vectorIdsOfRun } from '../../runs/keys.ts';
import { hasEnded, type Run } from '../../runs/run.ts';
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

/** Vectors in the namespaces of this embedding model that no run owns. Skips ids that everytoken does not make. */
export const strayVectors = async (scanned: ById, deps: AuditDeps): Promise<Finding[]> => {
  const findings: Finding[] = [];
  const ours = (await deps.vectorList.namespaces()).filter((name) => name.startsWith(deps.namespace('')));
  for (const namespace of ours) {
    const ownsVector: Owns = (run, id) => {
      if (!run || namespace !== deps.namespace(run.caller)) return false;
      if (run.status === 'deleted') return run.dueAt !== null;
      if (run.status === 'generated' || run.status === 'completed') return vectorIdsOfRun(run).includes(id);
      return !hasEnded(run);
    };
    const groups = Map.groupBy(await idsIn(namespace, deps), (id) => id.slice(0, id.indexOf('#')));
    for (const [id, own] of groups) {
      const strays = await unowned(id, own, scanned, ownsVector, deps);
      if (strays.length === 0) continue;
      const repair = async () => {
        await deps.vectors.delete(namespace, strays);
        return true;
      };
      const detail = `${strays.join(' ')} in ${namespace}`;
      findings.push({ kind: 'orphaned_vectors', id, count: strays.length, detail, repair });
    }
  }
  return findings;
};

const idsIn = async (namespace: string, { vectorList }: AuditDeps): Promise<string[]> => {
  const ids: string[] = [];
  for await (const page of vectorList.ids(namespace)) ids.push(...page.filter((id) => /#\d+#\d+$/.test(id)));
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
  if (!hasEnded(run) || key === requestKey(run.id)) return true;
  return run.generations.some(({ lease }, index) => key === outputKey(run.id, index, lease));
};
