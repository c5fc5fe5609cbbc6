import type { Export, ExportList, ExportRequest, ListExportsQuery } from './api-types.ts';
import { StorageError } from './errors.ts';
import { type CallOptions, segment, type Transport } from './transport.ts';
import type { Wait, WaitOptions } from './wait.ts';

const pathOf = (id: string): string => `/exports/${segment(id)}`;

/** Exports that the API writes into an object, also as Parquet; `runs.export` streams rows instead. */
export const makeExports = ({ json, send, limit, download }: Transport, waitFor: Wait) => ({
  /** Begins an export. It is not repeated after a broken connection, since each request makes one. */
  create: (body: ExportRequest, options?: CallOptions): Promise<Export> =>
    json({ method: 'POST', path: '/exports', body, isRepeatable: false }, options),

  get: (id: string, options?: CallOptions): Promise<Export> =>
    json({ method: 'GET', path: pathOf(id), isRepeatable: true }, options),

  /** A page of exports, newest first. */
  list: (query: ListExportsQuery = {}, options?: CallOptions): Promise<ExportList> =>
    json({ method: 'GET', path: '/exports', query, isRepeatable: true }, options),

  /** The export once it has ended. @throws {TimeoutError} after `timeoutMs`, ten minutes by default. */
  wait: (id: string, options?: WaitOptions): Promise<Export> =>
    waitFor<Export>(pathOf(id), ({ status }) => status === 'completed' || status === 'failed', options),

  /** The table of a completed export, as the response of the object store. @throws {StorageError} there is none. */
  download: async (id: string, options: CallOptions = {}): Promise<Response> => {
    const within = limit(options);
    const { download: table } = await json<Export>(
      { method: 'GET', path: pathOf(id), isRepeatable: true },
      options,
      within,
    );
    if (table === null) throw new StorageError(`export ${id} has no table, or not yet`, { status: 404 });
    return download(table.url, within);
  },

  /** Deletes an export with its table. */
  delete: (id: string, options: CallOptions = {}): Promise<void> =>
    send({ method: 'DELETE', path: pathOf(id), isRepeatable: true }, async () => {}, limit(options), options),
});
