import type { Lease } from '../runs/run.ts';

export type FileStatus = 'reading' | 'generating' | 'completed' | 'completed_with_errors' | 'failed';

/** A prompt file of one content (ETag); its id follows from bucket, key and ETag. Times are epoch ms but `createdAt`. */
export type PromptFile = {
  id: string;
  caller: string;
  key: string;
  etag: string;
  sequencer: string;
  size: number;
  status: FileStatus;
  createdAt: string;
  /** Known once the file has been read. */
  lines: number;
  blocks: number;
  /** Blocks whose lines are all done. */
  fullBlocks: number[];
  lease: Lease | null;
  /** FileCompleted is committed but not known to be sent. */
  pending: boolean;
  dueAt: number | null;
  dueTries: number;
  error: { code: string; message: string } | null;
};

export const LINES_PER_BLOCK = 250;

/** Up to 250 lines of a file: where they stand in `files/{id}/lines.jsonl`, and which are done. */
export type Block = {
  fileId: string;
  number: number;
  firstLine: number;
  lines: number;
  start: number;
  end: number;
  done: number[];
  dueAt: number | null;
  dueTries: number;
};

/** A line of `files/{id}/lines.jsonl`. `occurrence` counts equal bodies before it: equal lines are runs of their own. */
export type FileLineEntry = { line: number; occurrence: number; body: unknown };

export type FileChange = Partial<
  Pick<PromptFile, 'status' | 'lines' | 'blocks' | 'lease' | 'pending' | 'dueAt' | 'dueTries' | 'error'>
>;
export type FileCondition = {
  status?: FileStatus[];
  leaseToken?: string;
  leaseBefore?: number;
  dueAt?: number | null;
};

/** FILE, BLOCK and the newest file of each key, by single-item conditional writes. Reads are consistent. */
export type FileStore = {
  create(file: PromptFile): Promise<boolean>;
  get(id: string): Promise<PromptFile | undefined>;
  change(id: string, change: FileChange, condition: FileCondition): Promise<PromptFile | undefined>;
  /** Adding a block twice is harmless. */
  addFullBlock(id: string, block: number): Promise<PromptFile>;
  createBlock(block: Block): Promise<boolean>;
  getBlock(fileId: string, number: number): Promise<Block | undefined>;
  changeBlock(
    fileId: string,
    number: number,
    change: Pick<Block, 'dueAt' | 'dueTries'>,
    condition: { dueAt?: number | null },
  ): Promise<Block | undefined>;
  /** Adding a line twice is harmless. */
  addDone(fileId: string, number: number, line: number): Promise<Block>;
  /** Notes a file as its key's newest unless a later one is noted; true when it is the newest now. */
  noteNewest(key: string, sequencer: string, fileId: string): Promise<boolean>;
  newest(key: string): Promise<string | undefined>;
};

export const linesKey = (fileId: string): string => `files/${fileId}/lines.jsonl`;

/** `prompts/@{caller}/…` belongs to that caller, every other prompt file to `files`. */
export const callerOfKey = (key: string): string => /^prompts\/@([^/]+)\//.exec(key)?.[1] ?? 'files';
