import type { Clock } from '../../async/clock.ts';
import { InvalidInputError, withPaths } from '../../errors.ts';
import { dropAbsent } from '../../json/value.ts';
import type { RunListener } from '../../lifecycle/outputs.ts';
import type { Started, StartRun } from '../../lifecycle/start.ts';
import { parseTraceparent, parseXRayHeader } from '../../observe/trace-context.ts';
import type { ResponseBlock } from '../../runs/request-schema.ts';
import type { Authenticate } from '../authenticate.ts';
import type { HttpBindings, HttpContext } from '../base-app.ts';
import { readConversation, readIdempotencyKey, readJsonBody, readPreferredWaitMs } from '../read-request.ts';

export type BeginRunDeps = {
  authenticate: Authenticate;
  /** `bindings` tell the time left in this invocation, so that a run can be put back in time. */
  startRun: (...args: [...Parameters<StartRun>, bindings: HttpBindings]) => Promise<Started>;
  clock: Clock;
  /** Longest wait for a whole answer, in ms. */
  waitMs: number;
};

/** A run request that a route has read from its own body. */
export type ParsedBody = {
  body: unknown;
  listener?: RunListener | undefined;
  /** As of a setting. */
  endpoint?: 'completions' | undefined;
  /** Stored with the request of a response. */
  response?: ResponseBlock | undefined;
  /** Maps a path of the run request to the path in the client's body; the same path without it. */
  pathOf?: (path: string) => string;
};

export type Begun<P extends ParsedBody> = { started: Started; parsed: P; caller: string; waitMs: number };

/**
 * Starts the run of a request, for every route that generates: authenticates the caller, reads Idempotency-Key, Prefer
 * and the body, converts the body with `parse`, and joins the client's trace. Keeps the invocation alive until a run
 * that was started here has ended.
 *
 * @throws as `authenticate`, the readers of ../read-request.ts, `parse` and `startRun` do; paths of issues are the
 *   client's.
 */
export const beginRun = async <P extends ParsedBody>(
  c: HttpContext,
  parse: (body: unknown, caller: string, idempotencyKey: string | undefined) => P | Promise<P>,
  { authenticate, startRun, clock, waitMs }: BeginRunDeps,
): Promise<Begun<P>> => {
  const startedAt = clock.monotonic();
  const { headers } = c.req.raw;
  const { caller } = await authenticate(headers);
  const idempotencyKey = readIdempotencyKey(headers);
  const clientWaitMs = readPreferredWaitMs(headers, waitMs) ?? waitMs;
  const parsed = await parse(await readJsonBody(c.req.raw), caller, idempotencyKey);
  const { body, listener, endpoint, response, pathOf } = parsed;
  const trace =
    parseTraceparent(headers.get('traceparent')) ?? parseXRayHeader(headers.get('x-amzn-trace-id'));
  const conversation = readConversation(headers);
  const options = dropAbsent({ caller, trace, idempotencyKey, conversation, listener, endpoint, response });
  const started = await startRun(body, options, c.env ?? {}).catch((error: unknown) => {
    throw pathOf && error instanceof InvalidInputError ? withPaths(error, pathOf) : error;
  });
  c.set('runId', started.run.id);
  c.set('acceptMs', clock.monotonic() - startedAt);
  if (started.kind === 'started') c.env?.waitUntil?.(started.done.catch(() => {}));
  return { started, parsed, caller, waitMs: clientWaitMs };
};
