import * as z from 'zod';
import { ConflictError, InvalidInputError, issuesOf, NotFoundError } from '../../errors.ts';
import type { ContentStore } from '../../runs/ports.ts';
import { parseSidecar } from '../formats/file-defaults.ts';
import { formatOfKey } from '../formats/format-of-key.ts';
import type { FileDefaults } from '../formats/source-record.ts';
import type { FileStore } from '../ports.ts';
import { callerOfKey, newFile, type PromptFile } from '../prompt-file.ts';
import type { ReadSource } from '../read/open-records.ts';
import { type FindSource, readDefaults } from '../read/stored-source.ts';
import { defaultsInBody, dropKey, fileNameSchema, uploadIdOf } from '../upload.ts';
import { findFile } from '../view.ts';

const ONE_OF = 'give exactly one of file_id, key, or filename with content';

/** The body of POST /files/estimate, on the wire. */
export const estimateRequestSchema = z
  .strictObject({
    file_id: z.string().exactOptional(),
    key: z.string().max(1_024, 'must have at most 1,024 characters').exactOptional(),
    filename: fileNameSchema.exactOptional(),
    content: z.string().min(1, 'must not be empty: an empty file holds no prompt').exactOptional(),
    defaults: z.record(z.string(), z.unknown()).nullish(),
  })
  .superRefine(({ file_id, key, filename, content }, context) => {
    const given = [file_id, key, filename ?? content].filter((each) => each !== undefined);
    if (given.length !== 1) context.addIssue({ code: 'custom', path: [], message: ONE_OF });
    else if ((filename === undefined) !== (content === undefined))
      context.addIssue({
        code: 'custom',
        path: [filename === undefined ? 'filename' : 'content'],
        message: `is missing; ${ONE_OF}`,
      });
  });

/** A file to be estimated: as one that could be read, with its defaults, and the reader of its bytes. */
export type EstimatedSource = {
  file: PromptFile;
  defaults: FileDefaults | null;
  readSource: ReadSource;
};

export type EstimatedSourceDeps = {
  files: Pick<FileStore, 'get'>;
  content: Pick<ContentStore, 'get'>;
  readSource: ReadSource;
  findSource: FindSource;
};

/**
 * Finds the file that a request names, or makes one of the text that it contains.
 * @throws {InvalidInputError} naming every wrong field.
 * @throws {InvalidInputError} `bad_defaults` when the defaults beside a stored file are wrong.
 * @throws {NotFoundError} when there is no such file, or it is another caller's.
 * @throws {ConflictError} when the bytes of the file are not there: not yet, or no more.
 */
export const findEstimated = async (
  body: unknown,
  caller: string,
  deps: EstimatedSourceDeps,
): Promise<EstimatedSource> => {
  const { success, data, error } = estimateRequestSchema.safeParse(body);
  if (!success) throw new InvalidInputError(issuesOf(error));
  const given = data.defaults ? { defaults: defaultsInBody(data.defaults) } : undefined;
  if (data.filename !== undefined) return ofText(data.filename, data.content ?? '', caller, given);
  if (data.file_id !== undefined) return ofFile(await findFile(data.file_id, caller, deps), given, deps);
  const key = data.key ?? '';
  const format = formatOfKey(key);
  if (
    !key.startsWith('prompts/') ||
    callerOfKey(key) !== caller ||
    format === undefined ||
    format === 'defaults'
  )
    throw noObject();
  const uploadId = uploadIdOf(key);
  const upload = uploadId === undefined ? undefined : await deps.files.get(uploadId);
  if (upload?.key === key) return ofFile(await findFile(upload.id, caller, deps), given, deps);
  const found = await deps.findSource(key);
  if (!found) throw noObject();
  return stored(storedFile(caller, key, found), given, deps);
};

const noObject = (): NotFoundError =>
  new NotFoundError(
    'you have no prompt file of this key; give that of an object below prompts/@{caller}/, with its extension',
  );

const storedFile = (
  caller: string,
  key: string,
  { etag, size }: { etag: string; size: number },
): PromptFile => newFile({ id: ESTIMATED, caller, key, etag, size, createdAt: '', dueAt: null });

/** No file has this id, so that all runs there are count as those of earlier files. */
const ESTIMATED = 'file_estimate';

type Given = { defaults: FileDefaults } | undefined;

const ofFile = async (
  file: PromptFile,
  given: Given,
  deps: EstimatedSourceDeps,
): Promise<EstimatedSource> => {
  const found = await deps.findSource(file.key);
  if (!found)
    throw new ConflictError(
      file.status === 'awaiting_upload'
        ? `file ${file.id} has no bytes yet; upload it first`
        : `the object of file ${file.id} is no longer in the bucket; upload it again`,
    );
  return stored({ ...file, ...found }, given, deps);
};

const stored = async (
  file: PromptFile,
  given: Given,
  deps: EstimatedSourceDeps,
): Promise<EstimatedSource> => ({
  file: { ...file, id: ESTIMATED },
  defaults: given ? given.defaults : await storedDefaults(file, deps),
  readSource: deps.readSource,
});

const storedDefaults = async (
  file: PromptFile,
  { content }: Pick<EstimatedSourceDeps, 'content'>,
): Promise<FileDefaults | null> => {
  const text = await readDefaults(file, content);
  return text === undefined ? null : parseSidecar(Buffer.from(text));
};

const ofText = (filename: string, content: string, caller: string, given: Given): EstimatedSource => {
  const bytes = Buffer.from(content);
  return {
    file: storedFile(caller, dropKey(caller, filename), { etag: '', size: bytes.length }),
    defaults: given ? given.defaults : null,
    readSource: async (_, __, { start, end }) => bytes.subarray(start, end),
  };
};
