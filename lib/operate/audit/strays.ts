import { isRunId, outputKey, requestKey, vectorIdsOfRun } from '../../runs/keys.ts';
import { hasEnded, type Run } from '../../runs/run.ts';
import type { AuditDeps, Finding } from './ports.ts';

type ById = ReadonlyMap<string, Run>;
/** Whether a run, as it is, has a claim to an object or a vector. */
type HasClaim = (run: Run | undefined, item: string) => boolean;

/**
 * Objects that no run points at: outputs of leases that were lost, once their run has ended, and whatever is left of
 * deleted runs. A request without its RUN is not one: it is saved first, and RUN may be about to be made.
 */
export const strayObjects = async (scanned: ById, deps: AuditDeps): Promise<Finding[]> => {
  const keys = [...(await deps.content.list('outputs/')), ...(await deps.content.list('requests/'))];
  const groups = Map.groupBy(keys, (key) => /^(?:outputs|requests)\/(run_\w+)[/.]/.exec(key)?.[1] ?? '');
  const findings: Finding[] = [];
  for (const [id, own] of groups) {
    const strays = await unclaimed(id, own, scanned, pointsAt, deps);
    if (strays.length === 0) continue;
    const repair = async () => {
      await deps.content.delete(strays);
      return true;
    };
    findings.push({ kind: 'orphaned_objects', id, count: strays.length, detail: strays.join(' '), repair });
  }
  return findings;
};

/** Vectors, in the namespaces of this embedding model, that are not of a completed run. Other ids are left alone. */
export const strayVectors = async (scanned: ById, deps: AuditDeps): Promise<Finding[]> => {
  const findings: Finding[] = [];
  const ours = (await deps.vectorList.namespaces()).filter((name) => name.startsWith(deps.namespace('')));
  for (const namespace of ours) {
    const isOf: HasClaim = (run, id) => {
      if (!run || namespace !== deps.namespace(run.caller)) return false;
      if (run.status === 'deleted') return run.dueAt !== null;
      if (run.status === 'generated' || run.status === 'completed') return vectorIdsOfRun(run).includes(id);
      return !hasEnded(run);
    };
    const groups = Map.groupBy(await idsIn(namespace, deps), (id) => id.slice(0, id.indexOf('#')));
    for (const [id, own] of groups) {
      const strays = await unclaimed(id, own, scanned, isOf, deps);
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

/** Those of a run's items that it has no claim to, neither as it was scanned nor as it is now. */
const unclaimed = async (
  id: string,
  items: string[],
  scanned: ById,
  hasClaim: HasClaim,
  { runs }: AuditDeps,
): Promise<string[]> => {
  if (!isRunId(id)) return [];
  const suspects = items.filter((item) => !hasClaim(scanned.get(id), item));
  if (suspects.length === 0) return [];
  const current = await runs.get(id);
  return suspects.filter((item) => !hasClaim(current, item));
};

const pointsAt: HasClaim = (run, key) => {
  if (!run) return key.startsWith('requests/');
  // What is due is purged by the sweep: a tombstone again, a cancelled run once its worker must have noticed.
  if (run.status === 'deleted' || (run.status === 'cancelled' && run.dueAt !== null))
    return run.dueAt !== null;
  if (!hasEnded(run) || key === requestKey(run.id)) return true;
  return run.generations.some(({ lease }, index) => key === outputKey(run.id, index, lease));
};
