import type { Hono } from 'hono';
import type * as z from 'zod';
import type { Clock } from '../async/clock.ts';
import type { ComparisonAnswer } from '../comparisons/texts.ts';
import { CONTENT_TYPES } from '../files/formats/format-of-key.ts';
import type { Log } from '../observe/log.ts';
import { parseRunQuery } from '../runs/list/query.ts';
import type { ListQuery } from '../runs/ports.ts';
import { readQueryParameters } from '../runs/query-parameters.ts';
import { fitRun, type RunSummaryView, type RunView } from '../runs/view.ts';
import type { Authenticate } from './authenticate.ts';
import { type HttpContext, type HttpEnv, idOf, makeApp, withCallerBy } from './base-app.ts';
import type { FileAnswer } from './files/routes.ts';
import { type ResponseReadDeps, responseReads } from './openai/responses/routes.ts';
import { parametersOf } from './read-request.ts';
import { answerExport, type ExportRuns, isExport } from './runs/export-runs.ts';
import { runIdOf } from './runs/routes.ts';
import type { runListSchema } from './runs/schemas.ts';
import { readGetWaitMs } from './wait.ts';

/** Each throws `NotFoundError`, `not_found` or `gone`, unless the caller has what it asks for. */
export type ReadAppDeps = ResponseReadDeps & {
  listRuns: (query: ListQuery) => Promise<{ runs: RunSummaryView[]; nextCursor: string | null }>;
  exportRuns: ExportRuns;
  /** Answers at the next change of status, or after `waitMs`; so do the next two. */
  readRun: (id: string, caller: string, waitMs: number) => Promise<RunView>;
  readFile: (id: string, caller: string, waitMs: number) => Promise<FileAnswer>;
  readComparison: (
    id: string,
    caller: string,
    texts: 'ended' | 'always' | 'never',
    waitMs: number,
  ) => Promise<ComparisonAnswer>;
  /** The bytes of a file of OpenAI's Files API. */
  readFileContent: (id: string, caller: string) => Promise<AsyncIterable<Uint8Array>>;
  authenticate: Authenticate;
  clock: Clock;
  log: Log;
};

/**
 * The app of the reads that can take long: the list of runs, their export, and the GET of a run, a file or a comparison,
 * which may wait for its next change of status; that of a response, whose events are streamed again, and that of the
 * content of a file of OpenAI's Files API.
 */
export const makeReadApp = (deps: ReadAppDeps): Hono<HttpEnv> => {
  const withCaller = withCallerBy(deps.authenticate);
  return makeApp(
    {
      '/runs': {
        GET: withCaller(async (c, caller) => {
          const parameters = parametersOf(c.req.raw);
          if (isExport(parameters)) return answerExport(c, caller, deps.exportRuns);
          const { runs, nextCursor } = await deps.listRuns(parseRunQuery(parameters, caller));
          return Response.json({ data: runs, next_cursor: nextCursor } satisfies z.infer<
            typeof runListSchema
          >);
        }),
      },
      '/runs/{id}': {
        GET: withCaller(async (c, caller) => {
          const waitMs = waitMsOf(c);
          const run = await deps.readRun(runIdOf(c), caller, waitMs);
          c.set('runId', run.id);
          return Response.json(fitRun(run));
        }),
      },
      ...responseReads(deps, withCaller),
      '/files/{id}': {
        GET: withCaller(async (c, caller) =>
          Response.json(await deps.readFile(idOf(c), caller, waitMsOf(c))),
        ),
      },
      '/v1/files/{id}/content': {
        GET: withCaller(async (c, caller) => {
          readQueryParameters(parametersOf(c.req.raw)).finish();
          const bytes = await deps.readFileContent(idOf(c), caller);
          return new Response(ReadableStream.from(bytes), {
            headers: { 'content-type': CONTENT_TYPES.jsonl },
          });
        }),
      },
      '/comparisons/{id}': {
        GET: withCaller(async (c, caller) => {
          const parameters = readQueryParameters(parametersOf(c.req.raw));
          const texts = parameters.oneOf('texts', ['true', 'false']);
          const waitMs = readGetWaitMs(parameters, c.req.raw.headers);
          parameters.finish();
          const when = texts === undefined ? 'ended' : texts === 'true' ? 'always' : 'never';
          return Response.json(await deps.readComparison(idOf(c), caller, when, waitMs));
        }),
      },
    },
    deps,
  );
};

/** The wait of a request that has no other parameter. */
const waitMsOf = (c: HttpContext): number => {
  const parameters = readQueryParameters(parametersOf(c.req.raw));
  const waitMs = readGetWaitMs(parameters, c.req.raw.headers);
  parameters.finish();
  return waitMs;
};
