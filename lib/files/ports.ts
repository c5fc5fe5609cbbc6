import type { FileCounts } from './counts.ts';
import type { LineErrors } from './line-errors.ts';
import type { Block, FileStatus, LineAnswer, PromptFile } from './prompt-file.ts';

/**
 * Stores files, their blocks, and the newest file of each key. Each write is a conditional write of one item. Reads are
 * consistent except `list`. `create…` return false when the item exists already, `change…` undefined when the condition
 * does not hold.
 */
export type FileStore = {
  create(file: PromptFile): Promise<boolean>;
  get(id: string): Promise<PromptFile | undefined>;
  change(id: string, change: FileChange, condition: FileCondition): Promise<PromptFile | undefined>;
  /**
   * Lists a caller's prompt files that are not deleted, or its comparisons, newest first; the list may lag. Neither list
   * reads the other's entries. One call reads at most 1,000 entries, so among many deleted ones, or ones of another
   * status, a page may be short or empty and still have a cursor. A list ends where `since` has passed its cursor.
   * @throws {InvalidInputError} when the cursor is not of this list, or from after `until`.
   */
  list(query: FileListQuery): Promise<FilePage>;
  /**
   * Makes a file a tombstone on condition of its lease: ids, status, its sequencer and, of a comparison, the hash of its
   * request. The store may delete it from `expiresAt` on (epoch ms). Returns whether it did.
   */
  bury(file: PromptFile, leaseToken: string, expiresAt: number): Promise<boolean>;
  /**
   * Marks a block as full and adds its counts to the file's. Repeating it changes nothing. With `errors` it also replaces
   * the file's errors, and does nothing if these are not as they were `before`.
   */
  addFullBlock(
    id: string,
    block: number,
    counts: FileCounts,
    errors?: { before: LineErrors[]; after: LineErrors[] },
  ): Promise<PromptFile>;
  createBlock(block: Block): Promise<boolean>;
  getBlock(fileId: string, number: number): Promise<Block | undefined>;
  changeBlock(
    fileId: string,
    number: number,
    change: Pick<Block, 'dueAt' | 'dueTries'> & { sent?: number },
    condition: { dueAt?: number | null; sent?: number },
  ): Promise<Block | undefined>;
  /** Marks a line as done and adds its counts to the block's. The first call decides; repeating it changes nothing. */
  addDone(fileId: string, number: number, line: number, outcome?: LineOutcome): Promise<Block>;
  /** Adds `by` to the number of times that a line was tried again without a run, and returns the sum. */
  addTry(fileId: string, number: number, line: number, by: 1 | -1): Promise<number>;
  /** Records a file as its key's newest unless a later one is recorded; true if it is the newest now. */
  noteNewest(key: string, sequencer: string, fileId: string): Promise<boolean>;
  newest(key: string): Promise<string | undefined>;
  /** Records the file whose results are about to be published under the key. */
  notePublished(key: string, fileId: string): Promise<void>;
  /** The file whose results stand under the key; the newest where none is recorded. */
  published(key: string): Promise<string | undefined>;
  /** Deletes the record of a key whose newest file this is. */
  forgetKey(key: string, fileId: string): Promise<void>;
  deleteBlock(fileId: string, number: number): Promise<void>;
};

/** The fields that `change` may set; only `addFullBlock` changes the full blocks and their counts. */
export type FileChange = Partial<
  Omit<
    PromptFile,
    | 'id'
    | 'caller'
    | 'apiKey'
    | 'key'
    | 'lineKey'
    | 'retryOf'
    | 'rerunAs'
    | 'openaiBatch'
    | 'createdAt'
    | 'hasSidecar'
    | 'fullBlocks'
    | 'counts'
  >
>;

export type FileCondition = {
  status?: PromptFile['status'][];
  leaseToken?: string;
  leaseBefore?: number;
  attempts?: number;
  dueAt?: number | null;
  sentBlocks?: number;
  /** False: only if the file was not stopped. */
  stopped?: false;
  retriedAs?: string | null;
};

/**
 * The outcome recorded with a line that is done. `failedAs` is the counted code of the error of one that failed, `answer`
 * the stored answer of one that has no run.
 */
export type LineOutcome = {
  counts?: Partial<FileCounts>;
  skipped?: boolean;
  failedAs?: string;
  error?: { code: string; message: string };
  answer?: LineAnswer;
};

/** `since` (inclusive) and `until` (exclusive) bound `createdAt`. With `all` it lists what is being deleted, too. */
export type FileListQuery = {
  caller: string;
  limit: number;
  kind?: 'file' | 'comparison';
  cursor?: string;
  since?: string;
  until?: string;
  status?: FileStatus;
  all?: true;
};

type FilePage = { files: PromptFile[]; nextCursor: string | null };
