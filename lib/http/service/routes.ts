import type { HealthReport } from '../../operate/check-health.ts';
import { type Handler, type Handlers, pathPrefix } from '../base-app.ts';

export type ServiceRoutesDeps = { health: () => Promise<HealthReport> };

/** The routes of the service itself; they need no key. */
export const serviceRoutes = ({ health }: ServiceRoutesDeps): Handlers<'/health' | '/openapi.json'> => ({
  '/health': {
    GET: async () => {
      const report = await health();
      return Response.json(report, { status: report.status === 'ok' ? 200 : 503 });
    },
  },
  '/openapi.json': { GET: openapi },
});

/** The committed document, loaded on first use so that it does not slow down cold starts. */
const openapi: Handler = async (c) => {
  const { default: document } = await import('../../../docs/openapi.json', { with: { type: 'json' } });
  return Response.json({ ...document, servers: [{ url: pathPrefix(c.env) || '/' }] });
};
