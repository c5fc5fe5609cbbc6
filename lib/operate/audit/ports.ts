import type { Clock } from '../../async/clock.ts';
import type { BudgetStore, SpendStore } from '../../budget/ports.ts';
import type { FileStore } from '../../files/ports.ts';
import type { Block, PromptFile } from '../../files/prompt-file.ts';
import type { ReadSource } from '../../files/read/open-records.ts';
import type { FindSource } from '../../files/read/stored-source.ts';
import type { ContentStore, RunStore } from '../../runs/ports.ts';
import type { Run } from '../../runs/run.ts';
import type { VectorIndex, VectorList } from '../../vectors/ports.ts';

export type ScannedPage = { runs: Run[]; files: PromptFile[]; blocks: Block[] };

/** Reads all runs, files and blocks of the table, in pages and strongly consistent. For the audit only. */
export type RunScan = { pages(): AsyncIterable<ScannedPage> };

export type AuditDeps = {
  scan: RunScan;
  vectorList: VectorList;
  runs: RunStore;
  files: FileStore;
  content: ContentStore;
  readSource: ReadSource;
  findSource: FindSource;
  /** This deployment's vectors, see `ownVectors`. */
  vectors: VectorIndex;
  /** The vectors of all deployments that share the index. */
  sharedVectors: Pick<VectorIndex, 'fetch'>;
  /** Names this deployment in its vectors. */
  deployment: string;
  budgets: Pick<BudgetStore, 'get'>;
  spend: Pick<SpendStore, 'get' | 'replace'>;
  /** The namespace of a caller's vectors; for the caller `''` it is the prefix that all callers share. */
  namespace: (caller: string) => string;
  /** As `namespace`, in an earlier version without PINECONE_NAMESPACE. */
  earlierNamespace: (caller: string) => string;
  clock: Clock;
  retentionDays?: number | undefined;
  /** Whether failed runs with texts, which were refused by the index, count as lacking their vectors. */
  includesRefused?: boolean;
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
 * A fault in a run, a file or a caller's budget, named by `id`. `count` is the number of objects, vectors or lines
 * concerned. `detail` never contains a text. `repair` is absent when only a person can help; it resolves to false,
 * writing nothing, when the item has changed since.
 */
export type Finding = {
  kind: FindingKind;
  id: string;
  count: number;
  detail: string;
  repair?: () => Promise<boolean>;
};
