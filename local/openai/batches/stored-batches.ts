import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError } from '../api-error.ts';
import { writeWhole } from '../files/stored-files.ts';

export const BATCH_ENDPOINTS = ['/v1/chat/completions', '/v1/responses'] as const;

export type BatchEndpoint = (typeof BATCH_ENDPOINTS)[number];

export const isBatchEndpoint = (value: unknown): value is BatchEndpoint =>
  BATCH_ENDPOINTS.some((endpoint) => endpoint === value);

/** A batch as OpenAI's API shows it: https://platform.openai.com/docs/api-reference/batch/object */
export type Batch = {
  id: string;
  object: 'batch';
  endpoint: BatchEndpoint;
  errors: {
    object: 'list';
    data: { code: string; message: string; param: null; line: number | null }[];
  } | null;
  input_file_id: string;
  completion_window: string;
  status:
    | 'validating'
    | 'failed'
    | 'in_progress'
    | 'finalizing'
    | 'completed'
    | 'expired'
    | 'cancelling'
    | 'cancelled';
  output_file_id: string | null;
  error_file_id: string | null;
  created_at: number;
  in_progress_at: number | null;
  expires_at: number;
  finalizing_at: number | null;
  completed_at: number | null;
  failed_at: number | null;
  expired_at: number | null;
  cancelling_at: number | null;
  cancelled_at: number | null;
  request_counts: { total: number; completed: number; failed: number };
  metadata: Record<string, string> | null;
};

export const hasEnded = ({ status }: Batch): boolean =>
  ['completed', 'failed', 'expired', 'cancelled'].includes(status);

/** Opens the batches of a folder, one JSON file each. All of them are in memory, too. */
export const openStoredBatches = (dir: string) => {
  mkdirSync(dir, { recursive: true });
  const batches = new Map<string, Batch>();
  for (const name of readdirSync(dir).filter((name) => name.endsWith('.json'))) {
    const batch: Batch = JSON.parse(readFileSync(join(dir, name), 'utf8'));
    batches.set(batch.id, batch);
  }
  const get = (id: string): Batch => {
    const batch = batches.get(id);
    if (batch === undefined) throw new ApiError(404, `No batch found with id '${id.slice(0, 80)}'.`);
    return batch;
  };
  const put = (batch: Batch): Batch => {
    writeWhole(join(dir, `${batch.id}.json`), batch);
    batches.set(batch.id, batch);
    return batch;
  };
  return {
    get,
    put,
    change: (id: string, change: Partial<Batch>): Batch => put({ ...get(id), ...change }),
    /** Newest first. */
    list: (): Batch[] =>
      [...batches.values()].sort((a, b) => b.created_at - a.created_at || (a.id < b.id ? 1 : -1)),
    /** The path of the file that collects a batch's results until it ends. */
    pathOf: (id: string, kind: 'output' | 'error'): string => join(dir, `${id}.${kind}.jsonl`),
  };
};

export type StoredBatches = ReturnType<typeof openStoredBatches>;

/** Opens an append-only file of result lines. A last line that a crash cut short is removed. */
export const openResultLog = (path: string) => {
  const ids = existsSync(path) ? idsOf(path) : [];
  return {
    /** The `custom_id`s of the lines in the file when it was opened. */
    ids,
    append: (line: object): void => appendFileSync(path, `${JSON.stringify(line)}\n`),
    isEmpty: (): boolean => !existsSync(path),
  };
};

const idsOf = (path: string): string[] => {
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end < bytes.length) truncateSync(path, end);
  return bytes
    .subarray(0, end)
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line): string => JSON.parse(line).custom_id);
};
