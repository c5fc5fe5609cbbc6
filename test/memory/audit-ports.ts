import type { RunScan } from '../../lib/operate/audit/ports.ts';
import type { World } from './world.ts';

/** The audit's reads over a world in memory: one run, file or block per page. */
export const makeMemoryScan = ({ runs, files }: Pick<World, 'runs' | 'files'>): RunScan => ({
  pages: async function* () {
    for (const run of [...runs.runs.values()]) yield structuredClone({ runs: [run], files: [], blocks: [] });
    for (const file of [...files.files.values()])
      yield structuredClone({ runs: [], files: [file], blocks: [] });
    for (const block of [...files.blocks.values()])
      yield structuredClone({ runs: [], files: [], blocks: [block] });
  },
});
