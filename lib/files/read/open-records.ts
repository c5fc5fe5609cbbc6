import { EverytokenError, NotFoundError } from '../../errors.ts';
import type { ContentStore } from '../../runs/ports.ts';
import { refuseFile } from '../formats/faults.ts';
import { parseSidecar } from '../formats/file-defaults.ts';
import { formatOfKey, MAX_FILE_BYTES } from '../formats/format-of-key.ts';
import { readRecords } from '../formats/read-records.ts';
import type {
  FileDefaults,
  LineRequest,
  ReadFrom,
  SourceHead,
  SourceRecord,
} from '../formats/source-record.ts';
import { toRequest } from '../formats/to-request.ts';
import { FILE_LIMITS, type FileLimits } from '../limits.ts';
import type { PromptFile } from '../prompt-file.ts';
import { uploadIdOf } from '../upload.ts';
import { type ReadingProgress, sidecarCopyKey } from './progress.ts';

/**
 * Reads a range of bytes (`end` exclusive) of an object that has exactly this ETag, as a stream or whole.
 * @throws {NotFoundError} `source_gone` (final) when the object is gone or was overwritten.
 * @throws {UpstreamError} `unreadable` (final) when access to it is denied.
 */
export type ReadSource = (
  key: string,
  etag: string,
  range: { start: number; end: number },
) => Promise<AsyncIterable<Uint8Array> | Uint8Array>;

/** A line as a run request, and the position after it, from which reading can resume. */
export type ReadLine = { request: LineRequest; next: ReadFrom };

type OpenedFile = Pick<PromptFile, 'id' | 'key' | 'etag' | 'size' | 'hasSidecar'> &
  Partial<Pick<PromptFile, 'openaiBatch'>>;

type OpenedRecords = {
  head: SourceHead;
  lines: AsyncIterable<ReadLine>;
  /** Hashes of the custom_ids seen so far, for a checkpoint. */
  customIds: () => string[];
  /** Whether reading can resume in the middle of the file. */
  isResumable: boolean;
};

/**
 * Opens a prompt file: its lines as run requests, from its beginning or from the checkpoint `progress`, with the defaults
 * that came with it or those that are given.
 * @throws {InvalidInputError} from the call or the iteration, when the file as a whole is invalid (see `readRecords`).
 * @throws {NotFoundError} `source_gone` (final) when its key has no prompt file's extension.
 */
export const openRecords = async (
  file: OpenedFile,
  progress: ReadingProgress | undefined,
  deps: { readSource: ReadSource; content: Pick<ContentStore, 'get'>; limits?: FileLimits },
  given?: { defaults: FileDefaults | null },
): Promise<OpenedRecords> => {
  const format = formatOfKey(file.key);
  if (format === undefined || format === 'defaults') {
    throw new NotFoundError(`the key of file ${file.id} does not end like a prompt file's`, {
      code: 'source_gone',
    });
  }
  const cap = MAX_FILE_BYTES[format];
  if (file.size > cap)
    refuseFile(
      'too_large',
      `the file has ${file.size} bytes, a ${format} file at most ${cap}; split it into several files`,
    );
  const { readBytes } = deps.limits ?? FILE_LIMITS;
  const source = sourceChunks(file, deps.readSource, { start: progress?.from.byte ?? 0, readBytes });
  const seen = new Set(progress?.customIds);
  const { head, records } = await readRecords(source, {
    format,
    sidecar: progress ? null : given ? given.defaults : await sidecarOf(file, deps.content),
    // A file of POST /files gets its defaults there, not from an object beside it.
    name:
      given || uploadIdOf(file.key) !== undefined ? undefined : file.key.slice(file.key.lastIndexOf('/') + 1),
    seen,
    endpoint: file.openaiBatch?.endpoint,
    ...(progress && { resume: progress }),
  });
  return {
    head,
    lines: linesOf(records, head, progress?.from.records ?? 0),
    customIds: () => [...seen],
    isResumable: format === 'jsonl' || format === 'csv',
  };
};

const sidecarOf = async (
  { id, hasSidecar }: OpenedFile,
  content: Pick<ContentStore, 'get'>,
): Promise<FileDefaults | null> =>
  hasSidecar ? parseSidecar(Buffer.from(await content.get(sidecarCopyKey(id)))) : null;

const linesOf = async function* (
  records: AsyncIterable<SourceRecord>,
  head: SourceHead,
  before: number,
): AsyncGenerator<ReadLine> {
  let count = before;
  for await (const record of records) {
    count += 1;
    yield {
      request: toRequest(record, head),
      next: { byte: record.end, line: record.nextLine, records: count },
    };
  }
};

const TRIES = 3;

/**
 * Streams a file's bytes from `start`, requesting `readBytes` at a time. When a connection breaks, the next request
 * continues where it broke.
 */
export const sourceChunks = async function* (
  { key, etag, size }: Pick<PromptFile, 'key' | 'etag' | 'size'>,
  readSource: ReadSource,
  { start, readBytes }: { start: number; readBytes: number },
): AsyncGenerator<Uint8Array> {
  let at = start;
  let failures = 0;
  // An empty object has no valid range.
  while (at < size) {
    const range = { start: at, end: Math.min(size, at + readBytes) };
    const body = await readSource(key, etag, range);
    try {
      for await (const chunk of body instanceof Uint8Array ? [body] : body) {
        at += chunk.length;
        yield chunk;
      }
      // Counted as a failure, or a source that always ends early would be requested forever.
      if (at < range.end) throw new Error(`the source ended at byte ${at}, before byte ${range.end}`);
      failures = 0;
    } catch (error) {
      failures += 1;
      if (error instanceof EverytokenError || failures >= TRIES) throw error;
    }
  }
};
