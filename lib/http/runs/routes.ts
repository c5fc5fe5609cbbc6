import { InvalidInputError, NotFoundError } from '../../errors.ts';
import { dropAbsent } from '../../json/value.ts';
import type { Generation, Trace } from '../../runs/generation.ts';
import { readQueryParameters } from '../../runs/query-parameters.ts';
import { viewTrace } from '../../runs/trace-view.ts';
import { fitRun, type RunView } from '../../runs/view.ts';
import { type Handlers, type HttpContext, idOf, type WithCaller } from '../base-app.ts';
import { parametersOf } from '../read-request.ts';

export type RunRoutesDeps = {
  /** Throws `NotFoundError`, as do all of these: `not_found` (404) or `gone` (410). */
  deleteRun: (id: string, caller: string) => Promise<void>;
  /** Also throws `ConflictError` (409) when the run is generated or has ended. */
  cancelRun: (id: string, caller: string) => Promise<RunView>;
  readGeneration: (id: string, index: number, caller: string) => Promise<Generation>;
  readTrace: (id: string, index: number, caller: string) => Promise<Trace>;
};

/** The routes that change a run or read a part of it; create-run.ts and ../read-app.ts have the others. */
export const runRoutes = (
  { deleteRun, cancelRun, readGeneration, readTrace }: RunRoutesDeps,
  withCaller: WithCaller,
): Handlers<'/runs'> => ({
  '/runs': {}, // the other apps serve its methods
  '/runs/{id}': {
    DELETE: withCaller(async (c, caller) => {
      const id = runIdOf(c);
      await deleteRun(id, caller);
      c.set('runId', id);
      return new Response(null, { status: 204 });
    }),
  },
  '/runs/{id}/cancel': {
    POST: withCaller(async (c, caller) => {
      const run = await cancelRun(runIdOf(c), caller);
      c.set('runId', run.id);
      return Response.json(fitRun(run));
    }),
  },
  '/runs/{id}/generations/{index}': {
    GET: withCaller(async (c, caller) => {
      readQueryParameters(parametersOf(c.req.raw)).finish();
      const id = runIdOf(c);
      const generation = await readGeneration(id, indexOf(c), caller);
      c.set('runId', id);
      return Response.json(generation);
    }),
  },
  '/runs/{id}/generations/{index}/trace': {
    GET: withCaller(async (c, caller) => {
      const read = readQueryParameters(parametersOf(c.req.raw));
      const page = dropAbsent({
        after: read.int('after', 0, MAX_CHUNK),
        limit: read.int('limit', 1, MAX_CHUNK),
      });
      read.finish();
      const id = runIdOf(c);
      const trace = await readTrace(id, indexOf(c), caller);
      c.set('runId', id);
      return Response.json(viewTrace(trace, page));
    }),
  },
});

const MAX_CHUNK = 10_000_000;

/** Refuses an id that cannot be one of ours without a lookup. */
export const runIdOf = (c: HttpContext): string => {
  const id = idOf(c);
  if (!/^[\w-]{1,128}$/.test(id)) throw new NotFoundError('there is no run with this id');
  return id;
};

const indexOf = (c: HttpContext): number => {
  const index = c.req.param('index') ?? '';
  if (!/^\d{1,4}$/.test(index)) {
    throw new InvalidInputError([
      { path: 'index', message: "must be a generation's index, a whole number from 0" },
    ]);
  }
  return Number(index);
};
