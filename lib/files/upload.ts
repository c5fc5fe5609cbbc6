import * as z from 'zod';
import type { Clock } from '../async/clock.ts';
import { InvalidInputError, issuesOf } from '../errors.ts';
import type { ContentStore, Ids } from '../runs/ports.ts';
import { parseFileDefaults } from './formats/file-defaults.ts';
import { CONTENT_TYPES, formatOfKey, MAX_FILE_BYTES } from './formats/format-of-key.ts';
import type { FileStore } from './ports.ts';
import { newFile, type PromptFile } from './prompt-file.ts';
import { sidecarCopyKey } from './read/progress.ts';

/** URLs that let whoever has them write or read one object for a while, without a key of ours. */
export type Presign = {
  /** The object must have this content type and exactly so many bytes. */
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

/** How a client sends the file's bytes: one request with this method and these headers to this URL. */
export type Upload = {
  id: string;
  upload: { url: string; method: 'PUT'; headers: Record<string, string>; expires_at: string };
};

const UPLOAD_SECONDS = 3_600;
/** An upload that began in time may take so much longer. */
const LATE_MS = 2 * 3_600_000;

const NAME = 'must be a file name such as prompts.jsonl: .txt, .md, .json, .jsonl or .csv, without a path';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a name must not hold.
const NOT_IN_A_NAME = /[/\\\u0000-\u001f\u007f]/;

const isFileName = (name: string): boolean =>
  name.isWellFormed() && !NOT_IN_A_NAME.test(name) && !['defaults', undefined].includes(formatOfKey(name));

/** The body of POST /files, on the wire. */
export const uploadRequestSchema = z.strictObject({
  filename: z.string().max(200, 'must have at most 200 characters').refine(isFileName, NAME),
  size_bytes: z.int('must be a whole number').min(1, 'must be at least 1: an empty file holds no prompt'),
  defaults: z.record(z.string(), z.unknown()).nullish(),
});

/**
 * Prepares the upload of a prompt file of the caller's: its FILE waits for the object. Throws `InvalidInputError`
 * naming every wrong field; `file_too_large` (413) for more bytes than its format may have.
 */
export const createUpload = async (body: unknown, caller: string, deps: UploadDeps): Promise<Upload> => {
  const { filename, size_bytes: bytes, defaults, format } = parse(body);
  const contentType = CONTENT_TYPES[format];
  const now = deps.clock.now();
  const id = deps.ids.runId(now).replace('run_', 'file_');
  const key = uploadKey(caller, id, filename);
  const expiresAt = now + UPLOAD_SECONDS * 1_000;
  if (defaults) await deps.content.put(sidecarCopyKey(id), JSON.stringify(defaults), 'application/json');
  await deps.files.create(
    newFile({
      id,
      caller,
      key,
      etag: '',
      size: bytes,
      status: 'awaiting_upload',
      hasSidecar: Boolean(defaults),
      createdAt: new Date(now).toISOString(),
      dueAt: expiresAt + LATE_MS,
    }),
  );
  return {
    id,
    upload: {
      url: await deps.presign.put(key, { contentType, bytes, seconds: UPLOAD_SECONDS }),
      method: 'PUT',
      headers: { 'content-type': contentType },
      expires_at: new Date(expiresAt).toISOString(),
    },
  };
};

const parse = (body: unknown) => {
  const { success, data, error } = uploadRequestSchema.safeParse(body);
  if (!success) throw new InvalidInputError(issuesOf(error));
  if (data.defaults) checkDefaults(data.defaults);
  const format = formatOfKey(data.filename);
  if (format === undefined || format === 'defaults') throw new Error('the schema lets no such name through');
  const most = MAX_FILE_BYTES[format];
  if (data.size_bytes > most) {
    throw new InvalidInputError(
      [
        {
          path: 'size_bytes',
          message: `a file of this kind has at most ${most} bytes; split it, or use .jsonl or .csv`,
        },
      ],
      { code: 'file_too_large' },
    );
  }
  return { ...data, format };
};

/** Here it is a request that is wrong, not a file. */
const checkDefaults = (defaults: unknown): void => {
  try {
    parseFileDefaults(defaults);
  } catch (error) {
    throw error instanceof InvalidInputError ? new InvalidInputError(error.issues) : error;
  }
};

const uploadKey = (caller: string, id: string, filename: string): string =>
  `prompts/@${caller}/${id}/${filename}`;

/** The FILE that an uploaded object belongs to, by its key; undefined for one that was put there in another way. */
export const uploadIdOf = (key: string): string | undefined =>
  /^prompts\/@[^/]+\/(file_[0-9a-hjkmnp-tv-z]{26})\/[^/]+$/.exec(key)?.[1];

/** Cancels a file that waits for its upload; undefined when it no longer waits. */
export const cancelUpload = async (
  { id }: Pick<PromptFile, 'id'>,
  error: { code: 'cancelled' | 'not_uploaded'; message: string },
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

const NOT_UPLOADED = {
  code: 'not_uploaded',
  message: 'the file was not uploaded in time; announce it again with POST /files',
} as const;

/** Cancels a file whose upload is overdue: even one that began in time would have ended by now. */
export const cancelLateUpload = async (
  file: PromptFile,
  deps: Pick<UploadDeps, 'clock'> & { files: Pick<FileStore, 'change'> },
): Promise<void> => {
  const lateAt = Date.parse(file.createdAt) + UPLOAD_SECONDS * 1_000 + LATE_MS;
  if (deps.clock.now() >= lateAt) await cancelUpload(file, NOT_UPLOADED, deps);
};
