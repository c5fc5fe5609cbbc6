import type { Clock } from '../async/clock.ts';
import { InvalidInputError, NotFoundError } from '../errors.ts';
import { inputFolder, isInputId, newInput, timeOfInput } from '../files/batch-input.ts';
import { CONTENT_TYPES } from '../files/formats/format-of-key.ts';
import type { FileStore } from '../files/ports.ts';
import { isFileDeleted, type PromptFile } from '../files/prompt-file.ts';
import { type ReadSource, sourceChunks } from '../files/read/open-records.ts';
import type { FindSource } from '../files/read/stored-source.ts';
import { BATCH_SUFFIXES, resultKey } from '../files/results/objects.ts';
import { isPlainName, MAX_NAME } from '../files/upload.ts';
import { own } from '../json/value.ts';
import { ID_CHARACTERS } from '../runs/keys.ts';
import type { ContentStore, Ids } from '../runs/ports.ts';

/**
 * A file of OpenAI's Files API: the input of batches, or the output or the errors of one. `createdAt` is in epoch ms.
 * An input is its object alone: its id and its name are in the key, and its time in the id.
 */
export type StoredFile = {
  id: string;
  purpose: 'batch' | 'batch_output';
  key: string;
  etag: string;
  filename: string;
  bytes: number;
  createdAt: number;
};

export type FindDeps = {
  files: Pick<FileStore, 'get' | 'list'>;
  content: Pick<ContentStore, 'list'>;
  findSource: FindSource;
};

export type ResultKind = keyof typeof BATCH_SUFFIXES;

const RESULT_ID = new RegExp(`^file-(${ID_CHARACTERS})-(output|errors)$`);
const BATCH_ID = new RegExp(`^batch_(${ID_CHARACTERS})$`);

/** The id of a batch, which is that of its prompt file with another prefix. */
export const batchIdOf = ({ id }: Pick<PromptFile, 'id'>): string => id.replace('file_', 'batch_');

/** The id of the prompt file that is a batch; undefined for a text that is no batch's id. */
export const fileIdOfBatch = (batchId: string): string | undefined => {
  const [, characters] = BATCH_ID.exec(batchId) ?? [];
  return characters === undefined ? undefined : `file_${characters}`;
};

/** The id of the file with a batch's answers, or with the errors of the lines that have none. */
export const resultIdOf = ({ id }: Pick<PromptFile, 'id'>, kind: ResultKind): string =>
  `${id.replace('file_', 'file-')}-${kind}`;

const RESULT_KINDS: Record<string, ResultKind> = { output: 'output', errors: 'errors' };

/** The prompt file whose result an id names, and which one; undefined for any other id. */
export const resultOf = (id: string): { fileId: string; kind: ResultKind } | undefined => {
  const [, characters, named = ''] = RESULT_ID.exec(id) ?? [];
  const kind = own(RESULT_KINDS, named);
  return kind && { fileId: `file_${characters}`, kind };
};

/** @throws {InvalidInputError} naming `file` unless the name can be shown and is short. */
const requirePlainName = (filename: string): void => {
  if (isPlainName(filename) && filename !== '' && filename.length <= MAX_NAME) return;
  const message = `must have a name of 1 to ${MAX_NAME} characters without a path or control characters`;
  throw new InvalidInputError([{ path: 'file', message }]);
};

/** Stores the text of an input file. It exists once its object does. */
export const createInput = async (
  { filename, text }: { filename: string; text: string },
  caller: string,
  deps: FindDeps & {
    content: Pick<ContentStore, 'put'>;
    ids: Pick<Ids, 'runId'>;
    clock: Pick<Clock, 'now'>;
  },
): Promise<StoredFile> => {
  requirePlainName(filename);
  const { id, key } = newInput(caller, filename, deps);
  await deps.content.put(key, text, CONTENT_TYPES.jsonl);
  return findStoredFile(id, caller, deps);
};

/**
 * Finds a caller's own file.
 * @throws {NotFoundError} when it is missing, another caller's, or deleted.
 */
export const findStoredFile = async (id: string, caller: string, deps: FindDeps): Promise<StoredFile> => {
  const found = isInputId(id) ? await findInput(id, caller, deps) : await findResult(id, caller, deps);
  if (!found) throw new NotFoundError(`there is no file ${id.slice(0, 60)}`);
  return found;
};

const findInput = async (
  id: string,
  caller: string,
  deps: Pick<FindDeps, 'content' | 'findSource'>,
): Promise<StoredFile | undefined> => {
  const [key] = await deps.content.list(`${inputFolder(caller)}${id}/`);
  return key === undefined ? undefined : inputAt(key, deps);
};

/** The input file of a key; undefined when it is deleted. */
export const inputAt = async (
  key: string,
  { findSource }: Pick<FindDeps, 'findSource'>,
): Promise<StoredFile | undefined> => {
  const [id = '', filename = ''] = key.split('/').slice(-2);
  const found = await findSource(key);
  const createdAt = timeOfInput(id);
  return found && { id, purpose: 'batch', key, etag: found.etag, filename, bytes: found.size, createdAt };
};

const findResult = async (
  id: string,
  caller: string,
  deps: Pick<FindDeps, 'files' | 'findSource'>,
): Promise<StoredFile | undefined> => {
  const named = resultOf(id);
  if (!named) return undefined;
  const batch = await deps.files.get(named.fileId);
  if (!batch?.openaiBatch || batch.caller !== caller || isFileDeleted(batch)) return undefined;
  return resultAt(batch, named.kind, deps);
};

/** A result of a batch; undefined when it does not exist yet, or any more. */
export const resultAt = async (
  batch: PromptFile,
  kind: ResultKind,
  { findSource }: Pick<FindDeps, 'findSource'>,
): Promise<StoredFile | undefined> => {
  if (batch.endedAt === null) return undefined;
  const key = resultKey(batch, BATCH_SUFFIXES[kind]);
  const found = await findSource(key);
  return (
    found && {
      id: resultIdOf(batch, kind),
      purpose: 'batch_output',
      key,
      etag: found.etag,
      filename: `${batchIdOf(batch)}_${kind}.jsonl`,
      bytes: found.size,
      createdAt: Date.parse(batch.endedAt),
    }
  );
};

/**
 * Deletes a caller's own file. A batch that has begun has its input in blocks of its own, and one that ends later is
 * not changed by this, so no batch breaks.
 * @throws {NotFoundError} as `findStoredFile`.
 */
export const deleteStoredFile = async (
  id: string,
  caller: string,
  deps: FindDeps & { content: Pick<ContentStore, 'delete'> },
): Promise<void> => {
  const { key } = await findStoredFile(id, caller, deps);
  await deps.content.delete([key]);
};

/** Bytes that are asked for at once; they are streamed, not held. */
const READ_BYTES = 8 * 1024 * 1024;

/** The bytes of a file, as they are read. */
export const streamStoredFile = (
  { key, etag, bytes }: StoredFile,
  { readSource }: { readSource: ReadSource },
): AsyncGenerator<Uint8Array> =>
  sourceChunks({ key, etag, size: bytes }, readSource, { start: 0, readBytes: READ_BYTES });
