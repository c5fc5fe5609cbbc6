import { stageOf } from '../../lib/runs/list/entry.ts';
import { listPosition } from '../../lib/runs/list/read.ts';
import type { ListedRun, RunList } from '../../lib/runs/ports.ts';
import { copyOf } from './copy.ts';

type MemoryRunList = RunList & { entries: Map<string, ListedRun> };

const PAGE = 40;

/** Callers' lists in a map; a read returns a copy, a write is atomic. */
export const makeMemoryRunList = (): MemoryRunList => {
  const entries = new Map<string, ListedRun>();
  const keyOf = (run: Pick<ListedRun, 'caller' | 'createdAt' | 'id'>) => `${run.caller} ${listPosition(run)}`;
  return {
    entries,
    put: async (entry) => {
      const earlier = entries.get(keyOf(entry));
      if (earlier && stageOf(earlier) > stageOf(entry)) return;
      const { promptPreview = earlier?.promptPreview ?? null, textPreview = earlier?.textPreview ?? null } =
        entry;
      entries.set(keyOf(entry), copyOf({ ...entry, promptPreview, textPreview }));
    },
    get: async (key) => copyOf(entries.get(keyOf(key))),
    newest: async function* ({ caller, since = '', until = '~', after }) {
      const found = [...entries.values()]
        .filter((run) => run.caller === caller && run.createdAt >= since && run.createdAt < until)
        .filter((run) => after === undefined || listPosition(run) < after)
        .sort((a, b) => (listPosition(a) < listPosition(b) ? 1 : -1));
      for (let at = 0; at < found.length; at += PAGE) yield copyOf(found.slice(at, at + PAGE));
    },
  };
};
