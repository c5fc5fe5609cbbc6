import type * as z from 'zod';
import type { ModelsView } from '../../models/list.ts';
import { readQueryParameters } from '../../runs/query-parameters.ts';
import type { Handlers, WithCaller } from '../base-app.ts';
import { parametersOf } from '../read-request.ts';
import type { modelListSchema } from './openapi.ts';

type ModelList = z.infer<typeof modelListSchema>;

export type ModelRoutesDeps = { listModels: () => Promise<ModelsView> };

export const modelRoutes = (
  { listModels }: ModelRoutesDeps,
  withCaller: WithCaller,
): Handlers<'/models'> => ({
  '/models': {
    GET: withCaller(async (c) => {
      readQueryParameters(parametersOf(c.req.raw)).finish();
      return Response.json({ ...(await listModels()), next_cursor: null } satisfies ModelList);
    }),
  },
});
