import type { Hono } from 'hono';
import type { Clock } from '../async/clock.ts';
import type { BudgetView } from '../budget/read-budget.ts';
import type { ComparisonView } from '../comparisons/comparison-view.ts';
import { InvalidInputError, NotFoundError } from '../errors.ts';
import type { Upload } from '../files/create-upload.ts';
import { type FileQuery, parseFileQuery } from '../files/query.ts';
import type { FileView } from '../files/view.ts';
import type { ModelsView } from '../models/list-models.ts';
import type { Log } from '../observe/log.ts';
import type { HealthReport } from '../operate/check-health.ts';
import type { Trace } from '../runs/generation.ts';
import type { ListQuery } from '../runs/ports.ts';
import { parseRunQuery } from '../runs/query.ts';
import { readQueryParameters } from '../runs/query-parameters.ts';
import type { RunSummaryView, RunView } from '../runs/view.ts';
import type { SearchMatch, SearchQuery } from '../search/search-query.ts';
import type { UsageReport } from '../usage/read-usage.ts';
import { parseUsageQuery, type UsageQuery } from '../usage/usage-query.ts';
import type { Authenticate } from './authenticate.ts';
import { type Handler, type HttpContext, type HttpEnv, makeApp, pathPrefix } from './base-app.ts';
import type { FileAnswer } from './files/routes.ts';
import { homePage } from './home-page.ts';
import { openaiModels } from './openai/models.ts';
import { readIdempotencyKey, readJsonBody } from './read-request.ts';
import { parseSearchBody } from './search-body.ts';

export type ApiAppDeps = {
  authenticate: Authenticate;
  /** These throw `NotFoundError`: `not_found` (404) or `gone` (410). */
  readRun: (id: string, caller: string) => Promise<RunView>;
  deleteRun: (id: string, caller: string) => Promise<void>;
  /** Throws `ConflictError`, too (409). */
  cancelRun: (id: string, caller: string) => Promise<RunView>;
  readTrace: (id: string, index: number, caller: string) => Promise<Trace>;
  listRuns: (query: ListQuery) => Promise<{ runs: RunSummaryView[]; nextCursor: string | null }>;
  listModels: () => Promise<ModelsView>;
  search: (query: SearchQuery, caller: string) => Promise<{ matches: SearchMatch[] }>;
  usage: (query: UsageQuery, caller: string) => Promise<UsageReport & { budget: BudgetView | null }>;
  comparisons: {
    create: (
      body: unknown,
      by: { caller: string; idempotencyKey?: string },
    ) => Promise<{ id: string; isReplay: boolean }>;
    /** Throws `NotFoundError` for what is not there or another's. */
    read: (id: string, caller: string) => Promise<ComparisonView>;
  };
  files: {
    create: (body: unknown, caller: string) => Promise<Upload>;
    list: (
      query: FileQuery & { caller: string },
    ) => Promise<{ files: FileView[]; nextCursor: string | null }>;
    /** These throw `NotFoundError` for what is not there or another's. */
    read: (id: string, caller: string) => Promise<FileAnswer>;
    /** Stops what has not begun; the file as it is then. */
    stop: (id: string, caller: string) => Promise<FileAnswer>;
    /** Has what has ended so far written; throws `ConflictError` unless the file is being generated. */
    requestResults: (id: string, caller: string) => Promise<FileAnswer>;
  };
  health: () => Promise<HealthReport>;
  clock: Clock;
  log: Log;
};

/** Everything of the API but POST /runs and POST /v1/chat/completions. */
export const makeApiApp = (deps: ApiAppDeps): Hono<HttpEnv> => {
  const closed =
    (handler: (c: HttpContext, caller: string) => Promise<Response>): Handler =>
    async (c) =>
      handler(c, await deps.authenticate(c.req.raw.headers));
  const models = openaiModels(deps.listModels, closed);

  return makeApp(
    {
      '/runs': {
        GET: closed(async (c, caller) => {
          const { runs, nextCursor } = await deps.listRuns(parseRunQuery(parametersOf(c), caller));
          return Response.json({ data: runs, next_cursor: nextCursor });
        }),
      },
      '/runs/{id}': {
        GET: closed(async (c, caller) => {
          readQueryParameters(parametersOf(c), ['wait']).finish();
          const run = await deps.readRun(runIdOf(c), caller);
          c.set('runId', run.id);
          return Response.json(run);
        }),
        DELETE: closed(async (c, caller) => {
          const id = runIdOf(c);
          await deps.deleteRun(id, caller);
          c.set('runId', id);
          return new Response(null, { status: 204 });
        }),
      },
      '/runs/{id}/cancel': {
        POST: closed(async (c, caller) => {
          const run = await deps.cancelRun(runIdOf(c), caller);
          c.set('runId', run.id);
          return Response.json(run);
        }),
      },
      '/runs/{id}/generations/{index}/trace': {
        GET: closed(async (c, caller) => {
          const id = runIdOf(c);
          const trace = await deps.readTrace(id, indexOf(c), caller);
          c.set('runId', id);
          return Response.json(trace);
        }),
      },
      '/models': {
        GET: closed(async (c) => {
          readQueryParameters(parametersOf(c)).finish();
          return Response.json(await deps.listModels());
        }),
      },
      '/search': {
        POST: closed(async (c, caller) =>
          Response.json(await deps.search(parseSearchBody(await readJsonBody(c.req.raw)), caller)),
        ),
      },
      '/comparisons': {
        POST: closed(async (c, caller) => {
          const { headers } = c.req.raw;
          const idempotencyKey = readIdempotencyKey(headers);
          const body = await readJsonBody(c.req.raw);
          const by = idempotencyKey === undefined ? { caller } : { caller, idempotencyKey };
          const { id, isReplay } = await deps.comparisons.create(body, by);
          const location = `${pathPrefix(c.env)}/comparisons/${id}`;
          return Response.json(await deps.comparisons.read(id, caller), {
            status: 202,
            headers: { location, ...(isReplay ? { 'idempotent-replayed': 'true' } : {}) },
          });
        }),
      },
      '/comparisons/{id}': {
        GET: closed(async (c, caller) => {
          readQueryParameters(parametersOf(c)).finish();
          return Response.json(await deps.comparisons.read(c.req.param('id') ?? '', caller));
        }),
      },
      '/files': {
        POST: closed(async (c, caller) => {
          const created = await deps.files.create(await readJsonBody(c.req.raw), caller);
          const location = `${pathPrefix(c.env)}/files/${created.id}`;
          return Response.json(created, { status: 201, headers: { location } });
        }),
        GET: closed(async (c, caller) => {
          const { files, nextCursor } = await deps.files.list({ ...parseFileQuery(parametersOf(c)), caller });
          return Response.json({ data: files, next_cursor: nextCursor });
        }),
      },
      '/files/{id}': {
        GET: closed(async (c, caller) => {
          readQueryParameters(parametersOf(c)).finish();
          return Response.json(await deps.files.read(c.req.param('id') ?? '', caller));
        }),
        DELETE: closed(async (c, caller) =>
          Response.json(await deps.files.stop(c.req.param('id') ?? '', caller)),
        ),
      },
      '/files/{id}/results': {
        POST: closed(async (c, caller) =>
          Response.json(await deps.files.requestResults(c.req.param('id') ?? '', caller), { status: 202 }),
        ),
      },
      '/usage': {
        GET: closed(async (c, caller) =>
          Response.json(await deps.usage(parseUsageQuery(parametersOf(c), deps.clock.now()), caller)),
        ),
      },
      '/v1/chat/completions': {}, // POST is the other function's
      '/v1/models': { GET: models.list },
      '/v1/models/{model}': { GET: models.read },
      '/health': {
        GET: async () => {
          const health = await deps.health();
          return Response.json(health, { status: health.status === 'ok' ? 200 : 503 });
        },
      },
      '/openapi.json': { GET: openapi },
      '/': { GET: (c) => homePage(new URL(c.req.url).origin + pathPrefix(c.env)) },
    },
    deps,
  );
};

const parametersOf = (c: HttpContext): [string, string][] => [...new URL(c.req.url).searchParams];

/** Whatever cannot be an id of ours is not looked for. */
const runIdOf = (c: HttpContext): string => {
  const id = c.req.param('id') ?? '';
  if (!/^[\w-]{1,128}$/.test(id)) throw new NotFoundError('there is no run of this id');
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

/** The committed document, loaded when it is first asked for, so that no cold start pays for it. */
const openapi: Handler = async (c) => {
  const { default: document } = await import('../../docs/openapi.json', { with: { type: 'json' } });
  return Response.json({ ...document, servers: [{ url: pathPrefix(c.env) || '/' }] });
};
