import * as z from 'zod';
import type { Clock } from '../async/clock.ts';
import { ConflictError, InvalidInputError, issuesOf, NotFoundError } from '../errors.ts';
import { isInputId } from '../files/batch-input.ts';
import { refuseDeleted } from '../files/delete-file.ts';
import { BATCH_ENDPOINTS } from '../files/formats/batch-line.ts';
import { formatOfKey } from '../files/formats/format-of-key.ts';
import { FILE_DUE } from '../files/limits.ts';
import type { FileStore } from '../files/ports.ts';
import { newFile, type OpenAIBatch, type PromptFile } from '../files/prompt-file.ts';
import { type StartBatchDeps, startBatch } from '../files/start-batch.ts';
import { uploadKey } from '../files/upload.ts';
import { canonicalJson } from '../json/canonical-json.ts';
import { errorFields, type Log } from '../observe/log.ts';
import { derivedRunId } from '../runs/keys.ts';
import type { Ids } from '../runs/ports.ts';
import { metadataSchema } from '../runs/request-schema.ts';
import { type FindDeps, findStoredFile, type StoredFile } from './stored-files.ts';

export type CreateBatchDeps = FindDeps &
  StartBatchDeps & {
    files: Pick<FileStore, 'create' | 'get' | 'change'>;
    ids: Pick<Ids, 'runId'>;
    clock: Clock;
    log: Log;
  };

/** The body of POST /v1/batches: https://platform.openai.com/docs/api-reference/batch/create */
export const batchRequestSchema = z.strictObject({
  input_file_id: z.string(),
  endpoint: z.enum(BATCH_ENDPOINTS, `must be one of ${BATCH_ENDPOINTS.join(', ')}`),
  completion_window: z.literal('24h', 'must be "24h"'),
  metadata: metadataSchema.nullish(),
});

/**
 * Creates a batch: a prompt file whose object is a copy of the input file. It is recorded first, then its object is
 * copied, and the event of that has it read; a worker that dies between the two leaves a file that is due in a minute,
 * when intake copies the object. A request with an Idempotency-Key that was answered before is answered with its batch,
 * whatever became of the input file.
 * @throws {InvalidInputError} naming every wrong field, or `input_file_id` when it is no input file of the caller's.
 * @throws {ConflictError} `idempotency_key_reused` when the key came with another request.
 * @throws {NotFoundError} `gone` when the batch of the key was deleted.
 */
export const createBatch = async (
  body: unknown,
  { caller, idempotencyKey }: { caller: string; idempotencyKey?: string },
  deps: CreateBatchDeps,
): Promise<{ file: PromptFile; isReplay: boolean }> => {
  const { success, data, error } = batchRequestSchema.safeParse(body);
  if (!success) throw new InvalidInputError(issuesOf(error));
  const asked = { endpoint: data.endpoint, inputFileId: data.input_file_id, metadata: data.metadata ?? null };
  const now = deps.clock.now();
  const id =
    idempotencyKey === undefined ? deps.ids.runId(now) : derivedRunId('openai batch', caller, idempotencyKey);
  const fileId = id.replace('run_', 'file_');
  const earlier = idempotencyKey === undefined ? undefined : await deps.files.get(fileId);
  if (earlier) return { file: await replayed(earlier, asked, deps), isReplay: true };
  const input = await inputOf(asked.inputFileId, caller, deps);
  const file = newFile({
    id: fileId,
    caller,
    key: uploadKey(caller, fileId, promptName(input.filename)),
    openaiBatch: { ...asked, inputKey: input.key },
    etag: '',
    size: input.bytes,
    status: 'awaiting_upload',
    createdAt: new Date(now).toISOString(),
    dueAt: now + FILE_DUE.messageSent,
  });
  if (!(await deps.files.create(file))) {
    // The same request came twice at the same moment.
    const other = await deps.files.get(fileId);
    if (other) return { file: await replayed(other, asked, deps), isReplay: true };
  }
  deps.log.info('batch.created', { file_id: fileId, endpoint: asked.endpoint });
  await start(file, deps);
  return { file, isReplay: false };
};

type Asked = Omit<OpenAIBatch, 'inputKey'>;

const replayed = async (file: PromptFile, asked: Asked, deps: CreateBatchDeps): Promise<PromptFile> => {
  refuseDeleted(file);
  const { inputKey: _, ...earlier } = file.openaiBatch ?? { inputKey: '' };
  if (canonicalJson(earlier) !== canonicalJson(asked))
    throw new ConflictError('this Idempotency-Key was used for another batch', {
      code: 'idempotency_key_reused',
    });
  if (file.status === 'awaiting_upload') await start(file, deps);
  return file;
};

/** Starts a batch that is recorded. When this fails, intake does it within minutes. */
const start = async (file: PromptFile, deps: CreateBatchDeps): Promise<void> => {
  try {
    await startBatch(file, deps);
  } catch (error) {
    deps.log.warn('batch.start_delayed', { file_id: file.id, ...errorFields(error) });
  }
};

const inputOf = async (id: string, caller: string, deps: FindDeps): Promise<StoredFile> => {
  const refuse = (message: string): never => {
    throw new InvalidInputError([{ path: 'input_file_id', message }]);
  };
  if (!isInputId(id))
    return refuse('must be the id of a file that POST /v1/files stored with purpose "batch"');
  try {
    return await findStoredFile(id, caller, deps);
  } catch (error) {
    if (error instanceof NotFoundError) return refuse('there is no such file; it may have been deleted');
    throw error;
  }
};

/** A prompt file's format is told by its name. */
const promptName = (filename: string): string =>
  formatOfKey(filename) === 'jsonl' ? filename : `${filename}.jsonl`;
