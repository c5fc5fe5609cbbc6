import type { BudgetStore } from '../../budget/ports.ts';
import type { BulkJobQueue } from '../../runs/ports.ts';
import type { Batches } from '../batch/ports.ts';
import type { AssembleDeps } from '../results/assemble.ts';
import type { ReadSource } from './source-chunks.ts';

/** An object under `prompts/` that was created. */
export type CreatedObject = { bucket: string; key: string; etag: string; size: number; sequencer: string };

export type IntakeDeps = AssembleDeps & {
  jobs: BulkJobQueue;
  readSource: ReadSource;
  batches: Batches;
  budgets: Pick<BudgetStore, 'get'>;
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
};
