import type { FilesQuery } from '../../../batches/list-files.ts';
import type { StoredFile } from '../../../batches/stored-files.ts';
import type { BatchView } from '../../../batches/view-batch.ts';
import { dropAbsent } from '../../../json/value.ts';
import { listOf } from '../../../openai/list.ts';
import { readQueryParameters } from '../../../runs/query-parameters.ts';
import { type Handlers, idOf, type WithCaller } from '../../base-app.ts';
import { parametersOf, readIdempotencyKey, readJsonBody } from '../../read-request.ts';
import { readUploadForm } from './upload-form.ts';

/** Each throws `NotFoundError`, `not_found` or `gone`, unless the caller has what it asks for. */
export type BatchRoutesDeps = {
  createFile: (file: { filename: string; text: string }, caller: string) => Promise<StoredFile>;
  listFiles: (query: FilesQuery, caller: string) => Promise<{ files: StoredFile[]; hasMore: boolean }>;
  readFile: (id: string, caller: string) => Promise<StoredFile>;
  removeFile: (id: string, caller: string) => Promise<void>;
  create: (
    body: unknown,
    by: { caller: string; idempotencyKey?: string },
  ) => Promise<{ batch: BatchView; isReplay: boolean }>;
  list: (
    query: { limit: number; after?: string | undefined },
    caller: string,
  ) => Promise<{ batches: BatchView[]; hasMore: boolean }>;
  read: (id: string, caller: string) => Promise<BatchView>;
  cancel: (id: string, caller: string) => Promise<BatchView>;
};

/** Files of one page: each is looked up in the bucket. */
const MAX_FILES = 100;
/** OpenAI's limit. */
const MAX_FILES_ASKED = 10_000;
const MAX_ID = 100;

/** The routes of OpenAI's Files and Batch APIs; ../../read-app.ts has GET /v1/files/{id}/content. */
export const batchRoutes = (
  deps: BatchRoutesDeps,
  withCaller: WithCaller,
): Handlers<'/v1/files' | '/v1/batches'> => ({
  '/v1/files': {
    POST: withCaller(async (c, caller) =>
      Response.json(fileView(await deps.createFile(await readUploadForm(c.req.raw), caller))),
    ),
    GET: withCaller(async (c, caller) => {
      const read = readQueryParameters(parametersOf(c.req.raw));
      const query = {
        limit: Math.min(read.int('limit', 1, MAX_FILES_ASKED) ?? MAX_FILES, MAX_FILES),
        after: read.text('after', MAX_ID),
        order: read.oneOf('order', ['asc', 'desc']) ?? 'desc',
        purpose: read.oneOf('purpose', ['batch', 'batch_output']),
      };
      read.finish();
      const { files, hasMore } = await deps.listFiles(query, caller);
      return Response.json(listOf(files.map(fileView), hasMore));
    }),
  },
  '/v1/files/{id}': {
    GET: withCaller(async (c, caller) => Response.json(fileView(await deps.readFile(idOf(c), caller)))),
    DELETE: withCaller(async (c, caller) => {
      const id = idOf(c);
      await deps.removeFile(id, caller);
      return Response.json({ id, object: 'file', deleted: true });
    }),
  },
  '/v1/files/{id}/content': {}, // the app of reads serves GET
  '/v1/batches': {
    POST: withCaller(async (c, caller) => {
      const idempotencyKey = readIdempotencyKey(c.req.raw.headers);
      const body = await readJsonBody(c.req.raw);
      const { batch, isReplay } = await deps.create(body, dropAbsent({ caller, idempotencyKey }));
      return Response.json(batch, isReplay ? { headers: { 'idempotent-replayed': 'true' } } : {});
    }),
    GET: withCaller(async (c, caller) => {
      const read = readQueryParameters(parametersOf(c.req.raw));
      const query = { limit: read.limit(), after: read.text('after', MAX_ID) };
      read.finish();
      const { batches, hasMore } = await deps.list(query, caller);
      return Response.json(listOf(batches, hasMore));
    }),
  },
  '/v1/batches/{id}': {
    GET: withCaller(async (c, caller) => Response.json(await deps.read(idOf(c), caller))),
  },
  '/v1/batches/{id}/cancel': {
    POST: withCaller(async (c, caller) => Response.json(await deps.cancel(idOf(c), caller))),
  },
});

/** A file as OpenAI's API shows it: https://platform.openai.com/docs/api-reference/files/object */
export type FileObject = {
  id: string;
  object: 'file';
  bytes: number;
  created_at: number;
  expires_at: null;
  filename: string;
  purpose: StoredFile['purpose'];
  status: 'processed';
  status_details: null;
};

const fileView = ({ id, bytes, createdAt, filename, purpose }: StoredFile): FileObject => ({
  id,
  object: 'file',
  bytes,
  created_at: Math.floor(createdAt / 1_000),
  expires_at: null,
  filename,
  purpose,
  status: 'processed',
  status_details: null,
});
