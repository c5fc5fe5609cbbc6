import type { Clock } from '../async/clock.ts';
import { remember } from '../async/remember.ts';
import { errorFields, type Log } from '../observe/log.ts';
import { runIdOfVector } from '../runs/keys.ts';
import type { Run } from '../runs/run.ts';
import type { VectorList } from '../vectors/ports.ts';

type EarlierDeps = {
  vectorList: Pick<VectorList, 'ids'>;
  getRun(id: string): Promise<Run | undefined>;
  namespace(caller: string): string;
  /** As `namespace`, in an earlier version without PINECONE_NAMESPACE. */
  earlierNamespace(caller: string): string;
  clock: Clock;
  log: Log;
};

/**
 * Tells whether a caller has outputs whose vectors are still where an earlier version stored them, and which searches
 * therefore miss. Reads one page of ids, at most once a minute for each caller, and logs what it found. Several
 * deployments shared these namespaces, so vectors count only if one of their runs is here, or if there are more pages.
 * A failure counts as no.
 */
export const makeFindEarlierVectors = ({ clock, log, ...deps }: EarlierDeps) =>
  remember(async (caller: string): Promise<boolean> => {
    const namespace = deps.earlierNamespace(caller);
    if (namespace === deps.namespace(caller)) return false;
    try {
      const found = await hasOutputs(namespace, caller, deps);
      if (found) log.warn('search.earlier_vectors', { namespace, remedy: 'npx everytoken vectors move' });
      return found;
    } catch (error) {
      log.warn('search.earlier_unknown', { namespace, ...errorFields(error) });
      return false;
    }
  }, clock);

const hasOutputs = async (
  namespace: string,
  caller: string,
  { vectorList, getRun }: Pick<EarlierDeps, 'vectorList' | 'getRun'>,
): Promise<boolean> => {
  let isFirst = true;
  for await (const ids of vectorList.ids(namespace)) {
    if (!isFirst) return true;
    isFirst = false;
    const runIds = new Set(ids.map(runIdOfVector).filter((id) => id !== undefined));
    const runs = await Promise.all([...runIds].map(getRun));
    if (runs.some((run) => run?.caller === caller && run.status !== 'deleted')) return true;
  }
  return false;
};
