import type { RunScan } from '../../lib/operate/audit/ports.ts';
import { copyOf } from './copy.ts';
import type { World } from './world.ts';

/** The audit's reads over a world in memory: one run, file or block per page. */
export const makeMemoryScan = ({ runs, files }: Pick<World, 'runs' | 'files'>): RunScan => ({
  pages: async function* () {
    for (const run of [...runs.runs.values()]) yield copyOf({ runs: [run], files: [], blocks: [] });
    for (const file of [...files.files.values()]) yield copyOf({ runs: [], files: [file], blocks: [] });
    for (const block of [...files.blocks.values()]) yield copyOf({ runs: [], files: [], blocks: [block] });
  },
});
