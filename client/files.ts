import type {
  File,
  FileEstimate,
  FileEstimateRequest,
  FileList,
  FileRequest,
  FileSummary,
  ListFilesQuery,
  Upload,
} from './api-types.ts';
import { ConnectionError, StorageError } from './errors.ts';
import { itemsOf } from './pages.ts';
import {
  type CallOptions,
  type CreateOptions,
  type Limit,
  newIdempotencyKey,
  segment,
  sleep,
  type Transport,
} from './transport.ts';
import type { Wait, WaitOptions } from './wait.ts';

/** The parts of a file's answer that can be downloaded. */
export type ResultFormat = Exclude<keyof NonNullable<File['downloads']>, 'expires_at'>;

export type UploadInput = Omit<FileRequest, 'size_bytes'>;

export type WatchOptions = CallOptions & {
  /** Time between two looks in ms: 2,000 by default, and 1,000 for a comparison. */
  everyMs?: number;
};

const ENDED: File['status'][] = ['completed', 'completed_with_errors', 'failed', 'cancelled'];
const hasEnded = ({ status }: File): boolean => ENDED.includes(status);

const UPLOAD_ATTEMPTS = 4;
/** A file of 1 GiB takes a while. */
const UPLOAD_MS = 3_600_000;
const WATCH_MS = 86_400_000;

const pathOf = (id: string): string => `/files/${segment(id)}`;

export const makeFiles = (transport: Transport, waitFor: Wait) => {
  const { json, send, limit, fetchUrl, download } = transport;

  const get = (id: string, options?: CallOptions, within?: Limit): Promise<File> =>
    json({ method: 'GET', path: pathOf(id), isRepeatable: true }, options, within);

  /** The address works once, so that 412 after a broken attempt means that the bytes have arrived. */
  const put = async (
    { url, method, headers }: Upload['upload'],
    body: Blob,
    within: Limit,
  ): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await fetchUrl(url, { method, headers, body }, within);
        if (response.ok || (response.status === 412 && attempt > 1)) return;
        const message = `the object store refused the upload: ${response.status} ${await response.text()}`;
        if (response.status < 500 || attempt === UPLOAD_ATTEMPTS)
          throw new StorageError(message, { status: response.status });
      } catch (error) {
        if (!(error instanceof ConnectionError) || attempt === UPLOAD_ATTEMPTS) throw error;
      }
      await sleep(500 * 2 ** attempt * (0.5 + Math.random() / 2), within.signal);
    }
  };

  return {
    /**
     * Uploads a file of prompts. Generation begins when the bytes have arrived; `wait` and `watch` follow it. The
     * announcement is not repeated after a broken connection, since each makes a file; one without bytes is cancelled
     * within some hours and costs nothing.
     *
     * @param content its text, its bytes, or a Blob (such as a File of an input element, or of `fs.openAsBlob`).
     * @throws {StorageError} the object store refused the bytes.
     */
    upload: async (
      content: string | Uint8Array<ArrayBuffer> | Blob,
      input: UploadInput,
      options: CallOptions = {},
    ): Promise<File> => {
      const within = limit(options, UPLOAD_MS);
      const bytes = content instanceof Blob ? content : new Blob([content]);
      const body: FileRequest = { ...input, size_bytes: bytes.size };
      const { id, upload } = await json<Upload>(
        { method: 'POST', path: '/files', body, isRepeatable: false },
        options,
        within,
      );
      await put(upload, bytes, within);
      return await get(id, options, within);
    },

    get: (id: string, options?: CallOptions): Promise<File> => get(id, options),

    /** A page of files, newest first. */
    list: (query: ListFilesQuery = {}, options?: CallOptions): Promise<FileList> =>
      json({ method: 'GET', path: '/files', query, isRepeatable: true }, options),

    /** All files, newest first, page by page as they are needed. */
    all: (query: ListFilesQuery = {}, options?: CallOptions): AsyncGenerator<FileSummary, void, undefined> =>
      itemsOf((cursor) =>
        json<FileList>(
          {
            method: 'GET',
            path: '/files',
            query: { ...query, cursor: cursor ?? query.cursor },
            isRepeatable: true,
          },
          options,
        ),
      ),

    /** The file whenever its counts or its status have changed, the ended one last. */
    watch: async function* (
      id: string,
      { everyMs = 2_000, ...options }: WatchOptions = {},
    ): AsyncGenerator<File, void, undefined> {
      const within = limit(options, WATCH_MS);
      let seen = '';
      for (;;) {
        const file = await get(id, options, within);
        const state = JSON.stringify([file.status, file.counts]);
        if (state !== seen) yield file;
        if (hasEnded(file)) return;
        seen = state;
        await sleep(everyMs, within.signal);
      }
    },

    /** The file once it has ended. @throws {TimeoutError} after `timeoutMs`, ten minutes by default. */
    wait: (id: string, options?: WaitOptions): Promise<File> => waitFor<File>(pathOf(id), hasEnded, options),

    /**
     * The results, as the response of the object store: `.text()`, `.blob()`, or `.body` for large ones. By default the
     * JSON Lines of an ended file; `partial` after `results`.
     *
     * @throws {StorageError} there is no such result, or not yet (404).
     */
    download: async (
      id: string,
      format: ResultFormat = 'jsonl',
      options: CallOptions = {},
    ): Promise<Response> => {
      const within = limit(options);
      const url = (await get(id, options, within)).downloads?.[format];
      if (url === undefined)
        throw new StorageError(`file ${id} has no ${format} results, or not yet`, { status: 404 });
      return download(url, within);
    },

    /** The tokens, cost and time of a file (`file_id`, `key`, or `filename` with `content`) before it is generated. */
    estimate: (body: FileEstimateRequest, options?: CallOptions): Promise<FileEstimate> =>
      json({ method: 'POST', path: '/files/estimate', body, isRepeatable: true }, options),

    /** Has the results so far written; soon after, `download(id, 'partial')` has them. */
    results: (id: string, options?: CallOptions): Promise<File> =>
      json({ method: 'POST', path: `${pathOf(id)}/results`, isRepeatable: true }, options),

    /** Generates the lines of an ended file that have no answer, as a new file; the others are not paid again. */
    retry: (
      id: string,
      { idempotencyKey = newIdempotencyKey(), ...options }: CreateOptions = {},
    ): Promise<File> =>
      json(
        {
          method: 'POST',
          path: `${pathOf(id)}/retry`,
          headers: { 'idempotency-key': idempotencyKey },
          isRepeatable: true,
        },
        options,
      ),

    /** Stops the lines that have not begun. */
    stop: (id: string, options?: CallOptions): Promise<File> =>
      json({ method: 'DELETE', path: pathOf(id), isRepeatable: true }, options),

    /** Deletes a file with everything of it: prompts, results, runs, vectors. */
    remove: (id: string, options: CallOptions = {}): Promise<void> =>
      send(
        { method: 'DELETE', path: pathOf(id), query: { purge: true }, isRepeatable: true },
        async () => {},
        limit(options),
        options,
      ),
  };
};
