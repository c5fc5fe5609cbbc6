import type * as z from 'zod';
import { type ExportView, parseExportList } from '../../export/job.ts';
import { readQueryParameters } from '../../runs/query-parameters.ts';
import { type Handlers, idOf, pathPrefix, type WithCaller } from '../base-app.ts';
import { parametersOf, readJsonBody } from '../read-request.ts';
import type { exportListSchema } from './openapi.ts';

type ExportList = z.infer<typeof exportListSchema>;

export type ExportRoutesDeps = {
  create: (body: unknown, caller: string) => Promise<ExportView>;
  list: (query: {
    caller: string;
    limit: number;
    cursor?: string;
  }) => Promise<{ exports: ExportView[]; nextCursor: string | null }>;
  /** Throws `NotFoundError`, as does `remove`, when there is no such export, or another caller owns it. */
  read: (id: string, caller: string) => Promise<ExportView>;
  remove: (id: string, caller: string) => Promise<void>;
};

export const exportRoutes = (
  { create, list, read, remove }: ExportRoutesDeps,
  withCaller: WithCaller,
): Handlers<'/exports'> => ({
  '/exports': {
    POST: withCaller(async (c, caller) => {
      const created = await create(await readJsonBody(c.req.raw), caller);
      const location = `${pathPrefix(c.env)}/exports/${created.id}`;
      return Response.json(created, { status: 202, headers: { location } });
    }),
    GET: withCaller(async (c, caller) => {
      const page = await list({ ...parseExportList(parametersOf(c.req.raw)), caller });
      return Response.json({ data: page.exports, next_cursor: page.nextCursor } satisfies ExportList);
    }),
  },
  '/exports/{id}': {
    GET: withCaller(async (c, caller) => {
      readQueryParameters(parametersOf(c.req.raw)).finish();
      return Response.json(await read(idOf(c), caller));
    }),
    DELETE: withCaller(async (c, caller) => {
      await remove(idOf(c), caller);
      return c.body(null, 204);
    }),
  },
});
