import type * as z from 'zod';
import type { Clock } from '../../async/clock.ts';
import { isInputId } from '../../files/batch-input.ts';
import type { FileEstimate } from '../../files/estimate/estimate-file.ts';
import { formatOfKey } from '../../files/formats/format-of-key.ts';
import { partialKey } from '../../files/results/objects.ts';
import type { Presign, Upload } from '../../files/upload.ts';
import { type FileQuery, type FileView, parseFileQuery } from '../../files/view.ts';
import { dropAbsent } from '../../json/value.ts';
import { readQueryParameters } from '../../runs/query-parameters.ts';
import type { Access } from '../authenticate.ts';
import { type Handlers, idOf, pathPrefix, type WithCaller } from '../base-app.ts';
import { parametersOf, readIdempotencyKey, readJsonBody } from '../read-request.ts';
import type { fileAnswerSchema, fileListSchema } from './openapi.ts';

type FileList = z.infer<typeof fileListSchema>;
/** A file with temporary URLs of its results. */
export type FileAnswer = z.infer<typeof fileAnswerSchema>;

export type FileRoutesDeps = {
  create: (body: unknown, by: Access) => Promise<Upload>;
  list: (query: FileQuery & { caller: string }) => Promise<{ files: FileView[]; nextCursor: string | null }>;
  /** Generates and stores nothing. */
  estimate: (body: unknown, caller: string) => Promise<FileEstimate>;
  /**
   * Stops lines that have not begun; returns the file after that. Throws `NotFoundError`, as do the next two, when there
   * is no such file or another caller owns it.
   */
  stop: (id: string, caller: string) => Promise<FileAnswer>;
  /** Deletes the file with everything of it. */
  remove: (id: string, caller: string) => Promise<void>;
  /** Requests the results so far; throws `ConflictError` unless the file is being generated. */
  requestResults: (id: string, caller: string) => Promise<FileAnswer>;
  /** Begins a new file of the lines without an answer; throws `ConflictError` unless the file has ended. */
  retry: (
    id: string,
    by: { caller: string; idempotencyKey?: string },
  ) => Promise<{ file: FileAnswer; isReplay: boolean }>;
};

/** The routes of files; ../read-app.ts has GET /files/{id}. */
export const fileRoutes = (
  { create, list, estimate, stop, remove, requestResults, retry }: FileRoutesDeps,
  withCaller: WithCaller,
): Handlers<'/files'> => ({
  '/files': {
    POST: withCaller(async (c, _, access) => {
      const created = await create(await readJsonBody(c.req.raw), access);
      const files = isInputId(created.id) ? '/v1/files' : '/files';
      const location = `${pathPrefix(c.env)}${files}/${created.id}`;
      return Response.json(created, { status: 201, headers: { location } });
    }),
    GET: withCaller(async (c, caller) => {
      const { files, nextCursor } = await list({ ...parseFileQuery(parametersOf(c.req.raw)), caller });
      return Response.json({ data: files, next_cursor: nextCursor } satisfies FileList);
    }),
  },
  '/files/estimate': {
    POST: withCaller(async (c, caller) =>
      Response.json(await estimate(await readJsonBody(c.req.raw), caller)),
    ),
  },
  '/files/{id}': {
    DELETE: withCaller(async (c, caller) => {
      const read = readQueryParameters(parametersOf(c.req.raw));
      const isPurge = read.oneOf('purge', ['true', 'false']) === 'true';
      read.finish();
      if (!isPurge) return Response.json(await stop(idOf(c), caller));
      await remove(idOf(c), caller);
      return c.body(null, 204);
    }),
  },
  '/files/{id}/results': {
    POST: withCaller(async (c, caller) =>
      Response.json(await requestResults(idOf(c), caller), { status: 202 }),
    ),
  },
  '/files/{id}/retry': {
    POST: withCaller(async (c, caller) => {
      const idempotencyKey = readIdempotencyKey(c.req.raw.headers);
      const { file, isReplay } = await retry(idOf(c), dropAbsent({ caller, idempotencyKey }));
      const location = `${pathPrefix(c.env)}/files/${file.id}`;
      return Response.json(file, {
        status: 202,
        headers: { location, ...(isReplay && { 'idempotent-replayed': 'true' }) },
      });
    }),
  },
});

const URL_SECONDS = 900;

/** Adds result URLs, valid for a quarter of an hour: of the final results once the file has ended, else of partial ones. */
export const answerWithFile = async (
  view: FileView,
  { presign, clock }: { presign: Presign; clock: Pick<Clock, 'now'> },
): Promise<FileAnswer> => ({ ...view, downloads: await downloadsOf(view, presign, clock.now()) });

const downloadsOf = async (
  { id, status, key, counts, results }: FileView,
  presign: Presign,
  now: number,
): Promise<FileAnswer['downloads']> => {
  if (status === 'awaiting_upload' || status === 'reading' || status === 'cancelled') return null;
  const expires_at = new Date(now + URL_SECONDS * 1_000).toISOString();
  const url = (object: string) => presign.get(object, URL_SECONDS);
  const format = formatOfKey(key);
  if (status === 'generating') {
    const partial = await url(results.partial);
    const isTable = format === 'csv';
    return {
      expires_at,
      partial,
      ...(isTable && { partial_csv: await url(partialKey({ id, key }, '.csv')) }),
    };
  }
  const beside = results.jsonl.slice(0, -'.jsonl'.length);
  return {
    expires_at,
    jsonl: await url(results.jsonl),
    summary: await url(results.summary),
    ...(format === 'csv' && { csv: await url(`${beside}.csv`) }),
    ...(format === 'text' && counts.completed > 0 && { txt: await url(`${beside}.txt`) }),
  };
};
