import type { Clock, Random } from '../async/clock.ts';
import { findStoredFile, streamStoredFile } from '../batches/stored-files.ts';
import { findComparison, type ReadComparisonDeps, readView } from '../comparisons/read.ts';
import { withTexts } from '../comparisons/texts.ts';
import { type ComparisonView, isFinalStatus } from '../comparisons/view.ts';
import { exportText } from '../export/stream.ts';
import type { FileStore } from '../files/ports.ts';
import type { PromptFile } from '../files/prompt-file.ts';
import type { ReadSource } from '../files/read/open-records.ts';
import type { FindSource } from '../files/read/stored-source.ts';
import type { Presign } from '../files/upload.ts';
import { findFile, viewFile } from '../files/view.ts';
import type { Log } from '../observe/log.ts';
import { countFitting } from '../runs/fit-answer.ts';
import { withTrueModel } from '../runs/list/query.ts';
import { listRuns, type ReadListDeps } from '../runs/list/read.ts';
import { findRun, loadRunView, type ReadDeps, readWhole } from '../runs/read-run.ts';
import type { RequestDefaults } from '../runs/request.ts';
import { hasEnded } from '../runs/run.ts';
import { summarizeRun } from '../runs/view.ts';
import { answerWithFile } from './files/routes.ts';
import type { ReadAppDeps } from './read-app.ts';
import { untilChanged, type WaitDeps } from './wait.ts';

export type ReadUseCaseDeps = ReadDeps &
  ReadListDeps &
  ReadComparisonDeps & {
    files: FileStore;
    findSource: FindSource;
    readSource: ReadSource;
    presign: Presign;
    clock: Clock;
    sleep: WaitDeps['sleep'];
    random: Random;
    log: Log;
    defaults: Pick<RequestDefaults, 'routeOf'>;
  };

/** Between two reads of all runs of a comparison that only waits for its vectors. */
const WHOLE_READ_MS = 5_000;

/** Binds the reads that may wait to their ports, which may be AWS, the local stack or in memory. */
export const readUseCases = (deps: ReadUseCaseDeps): Omit<ReadAppDeps, 'authenticate' | 'clock' | 'log'> => ({
  listRuns: async (asked) => {
    const query = withTrueModel(asked, deps.defaults);
    const { runs: listed, nextCursor } = await listRuns(query, deps);
    const shown = listed.map(summarizeRun);
    const limit = countFitting(shown);
    if (limit === shown.length) return { runs: shown, nextCursor };
    // Read again, for the cursor after the last run that fits into the answer.
    const page = await listRuns({ ...query, limit }, deps);
    return { runs: page.runs.map(summarizeRun), nextCursor: page.nextCursor };
  },

  exportRuns: (format, query, remainingMs) =>
    exportText(format, withTrueModel(query, deps.defaults), {
      ...deps,
      listRuns: (listQuery) => listRuns(listQuery, deps),
      remainingMs,
    }),

  readRun: async (id, caller, waitMs) => {
    const run = await untilChanged(
      () => findRun(id, caller, deps),
      (found) => ({ status: found.status, isOver: hasEnded(found) }),
      waitMs,
      deps,
    );
    return loadRunView(run, deps);
  },

  readWhole: (id, caller) => readWhole(id, caller, deps),

  readFile: async (id, caller, waitMs) => {
    const file = await untilChanged(
      () => findFile(id, caller, deps),
      ({ status, endedAt }) => ({ status, isOver: endedAt !== null }),
      waitMs,
      deps,
    );
    return answerWithFile(await viewFile(file, deps), deps);
  },

  readFileContent: async (id, caller) => streamStoredFile(await findStoredFile(id, caller, deps), deps),

  readComparison: async (id, caller, texts, waitMs) => {
    // While its file is worked on, one read of it tells whether there is anything new.
    const read = async (): Promise<{ file: PromptFile; view: ComparisonView | null }> => {
      const file = await findComparison(id, caller, deps);
      const isOpen = file.status === 'reading' || file.status === 'generating';
      return { file, view: isOpen ? null : await readView(file, deps) };
    };
    const { file, view } = await untilChanged(
      read,
      (found) =>
        found.view
          ? { status: found.view.status, isOver: isFinalStatus(found.view.status), everyMs: WHOLE_READ_MS }
          : { status: found.file.status, isOver: false },
      waitMs,
      deps,
    );
    return withTexts(file, view ?? (await readView(file, deps)), texts, deps);
  },
});
