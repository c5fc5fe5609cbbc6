import type * as z from 'zod';
import type { Clock } from '../../async/clock.ts';
import { formatOfKey } from '../../files/formats/format-of-key.ts';
import type { Presign, Upload } from '../../files/upload.ts';
import { type FileQuery, type FileView, parseFileQuery } from '../../files/view.ts';
import { readQueryParameters } from '../../runs/query-parameters.ts';
import { type Closed, type Handlers, idOf, pathPrefix } from '../base-app.ts';
import { parametersOf, readJsonBody } from '../read-request.ts';
import type { fileAnswerSchema, fileListSchema } from './openapi.ts';

type FileList = z.infer<typeof fileListSchema>;
/** A file with URLs of its results, for a while. */
export type FileAnswer = z.infer<typeof fileAnswerSchema>;

export type FileRoutesDeps = {
  create: (body: unknown, caller: string) => Promise<Upload>;
  list: (query: FileQuery & { caller: string }) => Promise<{ files: FileView[]; nextCursor: string | null }>;
  /** These throw `NotFoundError` for what is not there or another's. */
  read: (id: string, caller: string) => Promise<FileAnswer>;
  /** Stops what has not begun; the file as it is then. */
  stop: (id: string, caller: string) => Promise<FileAnswer>;
  /** Has what has ended so far written; throws `ConflictError` unless the file is being generated. */
  requestResults: (id: string, caller: string) => Promise<FileAnswer>;
};

export const fileRoutes = (
  { create, list, read, stop, requestResults }: FileRoutesDeps,
  closed: Closed,
): Handlers<'/files'> => ({
  '/files': {
    POST: closed(async (c, caller) => {
      const created = await create(await readJsonBody(c.req.raw), caller);
      const location = `${pathPrefix(c.env)}/files/${created.id}`;
      return Response.json(created, { status: 201, headers: { location } });
    }),
    GET: closed(async (c, caller) => {
      const { files, nextCursor } = await list({ ...parseFileQuery(parametersOf(c.req.raw)), caller });
      return Response.json({ data: files, next_cursor: nextCursor } satisfies FileList);
    }),
  },
  '/files/{id}': {
    GET: closed(async (c, caller) => {
      readQueryParameters(parametersOf(c.req.raw)).finish();
      return Response.json(await read(idOf(c), caller));
    }),
    DELETE: closed(async (c, caller) => Response.json(await stop(idOf(c), caller))),
  },
  '/files/{id}/results': {
    POST: closed(async (c, caller) => Response.json(await requestResults(idOf(c), caller), { status: 202 })),
  },
});

const SECONDS = 3_600;

/** A file as GET /files/{id} answers with it: with URLs of its results once it has ended, of partial ones before. */
export const answerWithFile = async (
  view: FileView,
  { presign, clock }: { presign: Presign; clock: Pick<Clock, 'now'> },
): Promise<FileAnswer> => ({ ...view, downloads: await downloadsOf(view, presign, clock.now()) });

const downloadsOf = async (
  { status, key, results }: FileView,
  presign: Presign,
  now: number,
): Promise<FileAnswer['downloads']> => {
  if (status === 'awaiting_upload' || status === 'reading' || status === 'cancelled') return null;
  const expires_at = new Date(now + SECONDS * 1_000).toISOString();
  const url = (of: string) => presign.get(of, SECONDS);
  if (status === 'generating') return { expires_at, partial: await url(results.partial) };
  const format = formatOfKey(key);
  const beside = results.jsonl.slice(0, -'.jsonl'.length);
  return {
    expires_at,
    jsonl: await url(results.jsonl),
    summary: await url(results.summary),
    ...(format === 'csv' && { csv: await url(`${beside}.csv`) }),
    ...(format === 'text' && { txt: await url(`${beside}.txt`) }),
  };
};
