import * as z from 'zod';
import type { Clock } from '../async/clock.ts';
import { type InputIssue, InvalidInputError, issuesOf } from '../errors.ts';
import type { KeyStore } from '../keys/api-key.ts';
import { ID_CHARACTERS } from '../runs/keys.ts';
import type { ContentStore, Ids } from '../runs/ports.ts';
import { requireShortFields } from '../runs/request.ts';
import { newInput } from './batch-input.ts';
import { parseFileDefaults } from './formats/file-defaults.ts';
import { CONTENT_TYPES, formatOfKey, MAX_FILE_BYTES } from './formats/format-of-key.ts';
import type { FileDefaults } from './formats/source-record.ts';
import type { FileStore } from './ports.ts';
import { newFile, type PromptFile } from './prompt-file.ts';
import { sidecarCopyKey } from './read/progress.ts';

/** Presigned URLs: anyone who has one can write or read one object for a while, without an API key. */
export type Presign = {
  /** The upload must have this content type, exactly this many bytes, and `If-None-Match: *`: it works once. */
  put(key: string, of: { contentType: string; bytes: number; seconds: number }): Promise<string>;
  get(key: string, seconds: number): Promise<string>;
};

export type UploadDeps = {
  files: Pick<FileStore, 'create'>;
  content: Pick<ContentStore, 'put'>;
  presign: Presign;
  ids: Ids;
  clock: Clock;
};

/** A new file's id, and the request that uploads its bytes: one request to this URL with this method and headers. */
export type Upload = {
  id: string;
  upload: { url: string; method: 'PUT'; headers: Record<string, string>; expires_at: string };
};

/** S3 compares the expiry with the beginning of the upload, which may take longer. */
const UPLOAD_SECONDS = 900;
/** Time beyond the URL's expiry for an upload that began before it. */
const LATE_MS = 2 * 3_600_000;

const NAME =
  'must be a name without a path or control characters that ends in .txt, .md, .json, .jsonl or .csv, such as prompts.jsonl';

/** Separators of paths, and characters that change how a name is shown, such as U+202E, which turns its end around. */
const NOT_IN_A_NAME = /[/\\\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;

/** Whether a text can be a file's name: it has no path in it, and is shown as it is. */
export const isPlainName = (name: string): boolean => name.isWellFormed() && !NOT_IN_A_NAME.test(name);

const isFileName = (name: string): boolean =>
  isPlainName(name) && !['defaults', undefined].includes(formatOfKey(name));

export const MAX_NAME = 200;

export const fileNameSchema = z
  .string()
  .max(MAX_NAME, `must have at most ${MAX_NAME} characters`)
  .refine(isFileName, NAME);

/** The body of POST /files, on the wire. */
export const uploadRequestSchema = z.strictObject({
  filename: fileNameSchema,
  size_bytes: z.int('must be a whole number').min(1, 'must be at least 1: an empty file holds no prompt'),
  defaults: z.record(z.string(), z.unknown()).nullish(),
  purpose: z.literal('batch', 'must be "batch", or left out').nullish(),
});

/**
 * Prepares the upload of a caller's prompt file: creates the file in `awaiting_upload` and signs the URL for its bytes.
 * `storedKey` is the SHA-256 of the caller's key, if it can be disabled; `isKeyDisabled` reads it again at the upload.
 * With the purpose `batch` it creates no prompt file: the object is an input file for POST /v1/batches once it is there.
 * @throws {InvalidInputError} naming every wrong field.
 * @throws {InvalidInputError} `file_too_large` (413) when the file has more bytes than its format allows.
 * @throws {InvalidInputError} `fields_too_large` (413) for the defaults, see `requireShortFields`.
 */
export const createUpload = async (
  body: unknown,
  { caller, storedKey = null }: { caller: string; storedKey?: string | null },
  deps: UploadDeps,
): Promise<Upload> => {
  const { filename, size_bytes: bytes, defaults, purpose, format } = parse(body);
  const signed = async (id: string, key: string, expiresAt: number): Promise<Upload> => {
    const contentType = CONTENT_TYPES[format];
    const url = await deps.presign.put(key, { contentType, bytes, seconds: UPLOAD_SECONDS });
    const headers = { 'content-type': contentType, 'if-none-match': '*' };
    return { id, upload: { url, method: 'PUT', headers, expires_at: new Date(expiresAt).toISOString() } };
  };
  const now = deps.clock.now();
  const expiresAt = now + UPLOAD_SECONDS * 1_000;
  if (purpose === 'batch') {
    const input = newInput(caller, filename, deps);
    return signed(input.id, input.key, expiresAt);
  }
  const id = deps.ids.runId(now).replace('run_', 'file_');
  const key = uploadKey(caller, id, filename);
  if (defaults) await deps.content.put(sidecarCopyKey(id), JSON.stringify(defaults), 'application/json');
  await deps.files.create(
    newFile({
      id,
      caller,
      apiKey: storedKey,
      key,
      lineKey: dropKey(caller, filename),
      etag: '',
      size: bytes,
      status: 'awaiting_upload',
      hasSidecar: Boolean(defaults),
      createdAt: new Date(now).toISOString(),
      dueAt: expiresAt + LATE_MS,
    }),
  );
  return signed(id, key, expiresAt);
};

const parse = (body: unknown) => {
  const { success, data, error } = uploadRequestSchema.safeParse(body);
  if (!success) throw new InvalidInputError(issuesOf(error));
  if (data.defaults) defaultsInBody(data.defaults);
  const format = formatOfKey(data.filename);
  if (data.purpose === 'batch') requireBatchFile(format, data.defaults);
  if (format === undefined || format === 'defaults') throw new Error('the schema lets no such name through');
  const maxBytes = MAX_FILE_BYTES[format];
  if (data.size_bytes > maxBytes) {
    throw new InvalidInputError(
      [
        {
          path: 'size_bytes',
          message: `must be at most ${maxBytes} for a file of this format; split it, or use .jsonl or .csv`,
        },
      ],
      { code: 'file_too_large' },
    );
  }
  return { ...data, format };
};

/** Refuses an input of a batch that is no `.jsonl`, and defaults, which lines of OpenAI's Batch API do not have. */
const requireBatchFile = (format: ReturnType<typeof formatOfKey>, defaults: unknown): void => {
  const issues: InputIssue[] = [];
  if (format !== 'jsonl')
    issues.push({ path: 'filename', message: 'must end in .jsonl for the purpose "batch"' });
  if (defaults)
    issues.push({ path: 'defaults', message: 'cannot be combined with the purpose "batch"; leave it out' });
  if (issues.length > 0) throw new InvalidInputError(issues);
};

/** Parses the defaults in a request. Their error has the code of a request's, since no file is wrong here. */
export const defaultsInBody = (defaults: Record<string, unknown>): FileDefaults => {
  requireShortFields(defaults, 'defaults.');
  try {
    return parseFileDefaults(defaults);
  } catch (error) {
    throw error instanceof InvalidInputError
      ? new InvalidInputError(error.issues, { more: error.more })
      : error;
  }
};

/** The key of an upload's object, below the id of its file. */
export const uploadKey = (caller: string, id: string, filename: string): string =>
  `prompts/@${caller}/${id}/${filename}`;

/**
 * The key of a caller's own file of this name that is put into the bucket. Lines of uploads are known by it, so that a
 * corrected upload reuses the answers of an earlier one, as a file does that is put there again.
 */
export const dropKey = (caller: string, filename: string): string => `prompts/@${caller}/${filename}`;

const UPLOAD_KEY = new RegExp(`^prompts/@[^/]+/(file_${ID_CHARACTERS})/[^/]+$`);

/** The id of the file that POST /files created for this key; undefined for a key of any other form. */
export const uploadIdOf = (key: string): string | undefined => UPLOAD_KEY.exec(key)?.[1];

/** Whether a file was announced with an API key that has been disabled or removed since. */
export const isKeyDisabled = async (
  { apiKey }: Pick<PromptFile, 'apiKey'>,
  { keys }: { keys: Pick<KeyStore, 'get'> },
): Promise<boolean> => apiKey !== null && (await keys.get(apiKey))?.disabled !== false;

/** Cancels a file that waits for its upload; undefined if it no longer waits. */
export const cancelUpload = async (
  { id }: Pick<PromptFile, 'id'>,
  error: { code: 'cancelled' | 'not_uploaded' | 'key_disabled' | 'input_file_deleted'; message: string },
  { files, clock }: { files: Pick<FileStore, 'change'>; clock: Pick<Clock, 'now'> },
): Promise<PromptFile | undefined> =>
  files.change(
    id,
    {
      status: 'cancelled',
      error,
      endedAt: new Date(clock.now()).toISOString(),
      dueAt: null,
      dueTries: 0,
    },
    { status: ['awaiting_upload'] },
  );

export const KEY_DISABLED = {
  code: 'key_disabled',
  message:
    'the API key that announced the file was disabled before the upload; announce it again with POST /files',
} as const;

const NOT_UPLOADED = {
  code: 'not_uploaded',
  message: 'the file was not uploaded in time; create a new upload with POST /files',
} as const;

/** Cancels a file whose upload is overdue: even an upload that began just in time would have ended by now. */
export const cancelLateUpload = async (
  file: PromptFile,
  deps: Pick<UploadDeps, 'clock'> & { files: Pick<FileStore, 'change'> },
): Promise<void> => {
  const lateAt = Date.parse(file.createdAt) + UPLOAD_SECONDS * 1_000 + LATE_MS;
  if (deps.clock.now() >= lateAt) await cancelUpload(file, NOT_UPLOADED, deps);
};
