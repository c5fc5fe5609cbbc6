import type { Clock } from '../../async/clock.ts';
import type { Budget } from '../../budget/budget.ts';
import type { Log } from '../../observe/log.ts';
import type { ContentStore, EventBus, FileQueue, Ids, RunStore } from '../../runs/ports.ts';
import type { RequestDefaults } from '../../runs/request.ts';
import type { FileLimits } from '../limits.ts';
import type { FileStore } from '../ports.ts';

export type AssembleDeps = {
  files: FileStore;
  runs: RunStore;
  content: ContentStore;
  fileQueue: FileQueue;
  bus: EventBus;
  clock: Clock;
  ids: Ids;
  log: Log;
  bucket: string;
  defaults: RequestDefaults;
  /** Milliseconds that are left to this invocation. */
  remainingMs: () => number;
  budget: Pick<Budget, 'boundsOf'>;
  limits?: FileLimits;
};
