import type { ModelsView } from '../../models/list-models.ts';
import type { Closed, Handlers } from '../base-app.ts';
import { refuseParameters } from '../read-request.ts';

export type ModelRoutesDeps = { listModels: () => Promise<ModelsView> };

export const modelRoutes = ({ listModels }: ModelRoutesDeps, closed: Closed): Handlers<'/models'> => ({
  '/models': {
    GET: closed(async (c) => {
      refuseParameters(c.req.raw);
      return Response.json(await listModels());
    }),
  },
});
