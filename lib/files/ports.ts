import type { FileCounts } from './counts.ts';
import type { Block, FileStatus, PromptFile } from './prompt-file.ts';

/** FILE, BLOCK and the newest file of each key, by single-item conditional writes. Reads are consistent. */
export type FileStore = {
  create(file: PromptFile): Promise<boolean>;
  get(id: string): Promise<PromptFile | undefined>;
  change(id: string, change: FileChange, condition: FileCondition): Promise<PromptFile | undefined>;
  /** A caller's files, newest first; which are there may lag. Throws `InvalidInputError` for a foreign cursor. */
  list(query: { caller: string; limit: number; cursor?: string }): Promise<FilePage>;
  /** Notes a block as full and adds its counts, once: adding it again changes nothing. */
  addFullBlock(id: string, block: number, counts: FileCounts): Promise<PromptFile>;
  createBlock(block: Block): Promise<boolean>;
  getBlock(fileId: string, number: number): Promise<Block | undefined>;
  changeBlock(
    fileId: string,
    number: number,
    change: Pick<Block, 'dueAt' | 'dueTries'>,
    condition: { dueAt?: number | null },
  ): Promise<Block | undefined>;
  /** Notes a line as done and adds its counts, once: adding it again changes nothing, and is not the first time. */
  addDone(
    fileId: string,
    number: number,
    line: number,
    outcome?: LineOutcome,
  ): Promise<{ block: Block; isFirst: boolean }>;
  /** Notes a file as its key's newest unless a later one is noted; true when it is the newest now. */
  noteNewest(key: string, sequencer: string, fileId: string): Promise<boolean>;
  newest(key: string): Promise<string | undefined>;
};

/** What may change of a FILE; its full blocks and their counts grow by `addFullBlock` alone. */
export type FileChange = Partial<
  Omit<PromptFile, 'id' | 'caller' | 'key' | 'createdAt' | 'hasSidecar' | 'fullBlocks' | 'counts'>
>;

export type FileCondition = {
  status?: FileStatus[];
  leaseToken?: string;
  leaseBefore?: number;
  dueAt?: number | null;
  sentBlocks?: number;
  /** False: it was not stopped. */
  stopped?: false;
};

/** What becomes of a line when it is done, beside that. */
export type LineOutcome = {
  counts?: Partial<FileCounts>;
  skipped?: boolean;
  error?: { code: string; message: string };
};

export type FilePage = { files: PromptFile[]; nextCursor: string | null };
