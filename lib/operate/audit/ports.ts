import type { Clock } from '../../async/clock.ts';
import type { BudgetStore, SpendStore } from '../../budget/ports.ts';
import type { FileStore } from '../../files/ports.ts';
import type { Block, PromptFile } from '../../files/prompt-file.ts';
import type { ContentStore, RunStore } from '../../runs/ports.ts';
import type { Run } from '../../runs/run.ts';
import type { VectorIndex } from '../../vectors/ports.ts';

export type ScannedPage = { runs: Run[]; files: PromptFile[]; blocks: Block[] };

/** Every RUN, FILE and BLOCK item of the table, a page at a time, read consistently. For the audit alone. */
export type RunScan = { pages(): AsyncIterable<ScannedPage> };

/** What the index itself says it holds; it may lag behind writes. */
export type VectorList = {
  namespaces(): Promise<string[]>;
  /** All ids of a namespace, a page at a time. */
  ids(namespace: string): AsyncIterable<string[]>;
};

export type AuditDeps = {
  scan: RunScan;
  vectorList: VectorList;
  runs: RunStore;
  files: FileStore;
  content: ContentStore;
  vectors: VectorIndex;
  budgets: Pick<BudgetStore, 'get'>;
  spend: Pick<SpendStore, 'get' | 'replace'>;
  /** Where a caller's vectors are; for the caller `''` it is the beginning that all of them share. */
  namespace: (caller: string) => string;
  clock: Clock;
  retentionDays?: number | undefined;
};

export type FindingKind =
  | 'no_due_time'
  | 'missing_object'
  | 'missing_result'
  | 'inconsistent_block'
  | 'sha256_mismatch'
  | 'missing_vectors'
  | 'duplicated_result'
  | 'orphaned_vectors'
  | 'orphaned_objects'
  | 'miscounted_budget';

/**
 * Something that is wrong with a run, a file or a caller's budget, by its id; `detail` never holds a text. `count` is
 * how many objects, vectors or lines it is about. `repair` is absent where only a person can help; it resolves to false
 * when what was found has changed since, and nothing was written.
 */
export type Finding = {
  kind: FindingKind;
  id: string;
  count: number;
  detail: string;
  repair?: () => Promise<boolean>;
};
