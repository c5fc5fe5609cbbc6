import type { RunScan, VectorList } from '../../lib/operate/audit/ports.ts';
import type { World } from './world.ts';

/** The audit's reads over a world in memory: one run, file or block per page, and two ids per page. */
export const makeMemoryScan = ({ runs, files }: Pick<World, 'runs' | 'files'>): RunScan => ({
  pages: async function* () {
    for (const run of [...runs.runs.values()]) yield structuredClone({ runs: [run], files: [], blocks: [] });
    for (const file of [...files.files.values()])
      yield structuredClone({ runs: [], files: [file], blocks: [] });
    for (const block of [...files.blocks.values()])
      yield structuredClone({ runs: [], files: [], blocks: [block] });
  },
});

export const makeMemoryVectorList = ({ vectors }: Pick<World, 'vectors'>): VectorList => ({
  namespaces: async () => [...vectors.namespaces.keys()],
  ids: async function* (namespace) {
    const ids = [...(vectors.namespaces.get(namespace)?.keys() ?? [])];
    for (let at = 0; at < ids.length; at += 2) yield ids.slice(at, at + 2);
  },
});
