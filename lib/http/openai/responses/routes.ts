import type * as z from 'zod';
import { ConflictError, InvalidInputError, NotFoundError } from '../../../errors.ts';
import { runIdOfResponse } from '../../../openai/responses/item-ids.ts';
import { deletedResponse, inputItemsOf, pageOf } from '../../../openai/responses/item-list.ts';
import { INCLUDED } from '../../../openai/responses/request-schema.ts';
import {
  type ResponseEvent,
  replayedEvents,
  wholeResponse,
} from '../../../openai/responses/whole-response.ts';
import { readQueryParameters } from '../../../runs/query-parameters.ts';
import type { WholeRun } from '../../../runs/read-run.ts';
import { isAnswered } from '../../../runs/run.ts';
import type { RunView } from '../../../runs/view.ts';
import { type Handlers, type HttpContext, idOf, type WithCaller } from '../../base-app.ts';
import { EVENT_STREAM_HEADERS } from '../../event-stream.ts';
import { parametersOf } from '../../read-request.ts';
import { makeEncodeEvent } from './events.ts';
import type { deletedResponseSchema, inputItemListSchema, responseSchema } from './schemas.ts';

export type ResponseReadDeps = {
  /** @throws {NotFoundError} unless the caller has the run. */
  readWhole: (runId: string, caller: string) => Promise<WholeRun>;
};

export type ResponseRoutesDeps = ResponseReadDeps & {
  deleteRun: (id: string, caller: string) => Promise<void>;
  /** Throws `ConflictError` when the run is generated or has ended. */
  cancelRun: (id: string, caller: string) => Promise<RunView>;
};

type Stored = WholeRun & { request: NonNullable<WholeRun['request']> };

/**
 * The response of a path.
 *
 * @throws {NotFoundError} for one that the caller does not have, that was deleted, or that was not stored.
 */
const findResponse = async (
  c: HttpContext,
  caller: string,
  { readWhole }: ResponseReadDeps,
): Promise<Stored> => {
  const id = idOf(c);
  const runId = runIdOfResponse(id);
  const missing = () =>
    new NotFoundError(`Response with id '${id.slice(0, 80)}' not found: it was deleted, or is not stored`);
  if (runId === undefined) throw missing();
  const whole = await readWhole(runId, caller).catch((error: unknown) => {
    throw error instanceof NotFoundError && !error.retryable ? missing() : error;
  });
  c.set('runId', runId);
  const { request } = whole;
  if (!request?.response) throw missing();
  return { ...whole, request };
};

type ResponseBody = z.infer<typeof responseSchema>;

const answerOf = ({ run, request, traces }: Stored, include: readonly string[] = []): ResponseBody =>
  wholeResponse(run, request, { chunks: traces[0], include });

/** GET /v1/responses/{id}: the response as it is now, or the events of an ended one. */
export const responseReads = (
  deps: ResponseReadDeps,
  withCaller: WithCaller,
): Pick<Handlers<'/v1/responses/{id}'>, '/v1/responses/{id}'> => ({
  '/v1/responses/{id}': {
    GET: withCaller(async (c, caller) => {
      const { included, parameters } = readIncluded(c);
      const stream = parameters.oneOf('stream', ['true', 'false']) === 'true';
      const after = parameters.int('starting_after', 0, 999_999_999);
      const obfuscation = parameters.oneOf('include_obfuscation', ['true', 'false']);
      if (after !== undefined && !stream)
        parameters.refuse({ path: 'starting_after', message: 'needs stream=true' });
      parameters.finish();
      const found = await findResponse(c, caller, deps);
      if (!stream) return Response.json(answerOf(found, included));
      return replayed(found, { after, includeObfuscation: obfuscation === 'true' });
    }),
  },
});

const replayed = (
  { run, request, traces }: Stored,
  { after = -1, includeObfuscation }: { after: number | undefined; includeObfuscation: boolean },
): Response => {
  if (!isAnswered(run))
    throw new ConflictError(
      'streaming a response that is still running is not supported yet: read it without stream until its status is no longer queued or in_progress',
    );
  if (run.status === 'cancelled')
    throw new ConflictError('the response was cancelled, so it has no events; read it without stream');
  const encode = makeEncodeEvent({ includeObfuscation });
  const events = Iterator.from<ResponseEvent>(replayedEvents(run, request, traces[0]));
  const body = ReadableStream.from(events.map(encode).drop(after + 1));
  return new Response(body, { headers: EVENT_STREAM_HEADERS });
};

/** The routes that change a response or list its input. */
export const responseRoutes = (
  deps: ResponseRoutesDeps,
  withCaller: WithCaller,
): Handlers<'/v1/responses'> => ({
  '/v1/responses': {}, // the app that generates serves POST
  '/v1/responses/{id}': {
    DELETE: withCaller(async (c, caller) => {
      const { run } = await findResponse(c, caller, deps);
      await deps.deleteRun(run.id, caller);
      return Response.json(deletedResponse(run.id) satisfies z.infer<typeof deletedResponseSchema>);
    }),
  },
  '/v1/responses/{id}/cancel': {
    POST: withCaller(async (c, caller) => {
      const found = await findResponse(c, caller, deps);
      if (!found.request.response?.background)
        throw new InvalidInputError([
          { path: 'id', message: 'only responses with background: true can be cancelled' },
        ]);
      const ended = await deps.cancelRun(found.run.id, caller).catch((error: unknown) => {
        if (error instanceof ConflictError) return undefined;
        throw error;
      });
      // One that has ended is answered as it is: OpenAI's API cancels any number of times.
      const now = ended ? { ...found, run: ended } : await findResponse(c, caller, deps);
      return Response.json(answerOf(now));
    }),
  },
  '/v1/responses/{id}/input_items': {
    GET: withCaller(async (c, caller) => {
      const { parameters } = readIncluded(c);
      const order = parameters.oneOf('order', ['asc', 'desc']) ?? 'desc';
      const limit = parameters.limit();
      const after = parameters.text('after', 200);
      parameters.finish();
      const { run, request } = await findResponse(c, caller, deps);
      const { response } = request;
      const items = inputItemsOf(run.id, run.messages?.slice(response?.has_instructions ? 1 : 0) ?? []);
      const page = pageOf(order === 'asc' ? items : items.toReversed(), { limit, after });
      if (!page)
        throw new InvalidInputError([
          { path: 'after', message: `is none of the ${items.length} items of this input` },
        ]);
      return Response.json(page satisfies z.infer<typeof inputItemListSchema>);
    }),
  },
});

/** Reads `include`, which clients repeat, with or without brackets. */
const readIncluded = (c: HttpContext) => {
  const isInclude = (name: string) => /^include(\[\d*\])?$/.test(name);
  const sent = parametersOf(c.req.raw);
  const included = sent.flatMap(([name, value]) => (isInclude(name) ? value.split(',') : []));
  const parameters = readQueryParameters(sent.filter(([name]) => !isInclude(name)));
  if (included.some((part) => !INCLUDED.some((known) => known === part)))
    parameters.refuse({ path: 'include', message: `must be of ${INCLUDED.join(', ')}` });
  return { included, parameters };
};
