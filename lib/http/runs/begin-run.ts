import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../async/clock.ts';
import { InvalidInputError } from '../../errors.ts';
import { dropAbsent } from '../../json/value.ts';
import type { RunListener } from '../../lifecycle/outputs.ts';
import type { Started, StartRun } from '../../lifecycle/start.ts';
import { parseTraceparent, parseXRayHeader } from '../../observe/trace-context.ts';
import type { Authenticate } from '../authenticate.ts';
import type { HttpBindings, HttpContext } from '../base-app.ts';
import { readIdempotencyKey, readJsonBody, readWaitMs } from '../read-request.ts';

export type BeginRunDeps = {
  authenticate: Authenticate;
  /** `bindings` tell how long this invocation still lasts, so that a run can be put back in time. */
  startRun: (...of: [...Parameters<StartRun>, bindings: HttpBindings]) => Promise<Started>;
  clock: Clock;
  /** How long a whole answer is waited for. */
  waitMs: number;
};

/** A run as a route has read it from its own body. */
export type Asked = {
  body: unknown;
  listener?: RunListener | undefined;
  /** Where the client wrote what the run request has at `path`; there, unless this says otherwise. */
  pathOf?: (path: string) => string;
};

export type Begun<A extends Asked> = { started: Started; asked: A; caller: string; waitMs: number };

/**
 * Asks for the run of a request, the same way on every route: by its caller and Idempotency-Key, with the body that
 * `read` makes of the request's, and in the trace that the client brought. Keeps the invocation alive until a run that
 * was started here has ended.
 */
export const beginRun = async <A extends Asked>(
  c: HttpContext,
  read: (body: unknown) => A,
  { authenticate, startRun, clock, waitMs }: BeginRunDeps,
): Promise<Begun<A>> => {
  const startedAt = clock.monotonic();
  const { headers } = c.req.raw;
  const caller = await authenticate(headers);
  const idempotencyKey = readIdempotencyKey(headers);
  const mostMs = readWaitMs(headers, waitMs);
  const asked = read(await readJsonBody(c.req.raw));
  const { body, listener, pathOf } = asked;
  const trace =
    parseTraceparent(headers.get('traceparent')) ?? parseXRayHeader(headers.get('x-amzn-trace-id'));
  const options = dropAbsent({ caller, trace, idempotencyKey, listener });
  const started = await startRun(body, options, c.env ?? {}).catch((error: unknown) => {
    throw pathOf ? withPaths(error, pathOf) : error;
  });
  c.set('runId', started.run.id);
  c.set('acceptMs', clock.monotonic() - startedAt);
  if (started.kind === 'started') c.env?.waitUntil?.(started.done.catch(() => {}));
  return { started, asked, caller, waitMs: mostMs };
};

const withPaths = (error: unknown, pathOf: (path: string) => string): unknown =>
  error instanceof InvalidInputError
    ? new InvalidInputError(
        error.issues.map(({ path, message }) => ({ path: pathOf(path), message })),
        { code: error.code, cause: error.cause },
      )
    : error;

/** The value of a promise that resolves within this time; undefined when it takes longer. */
export const within = async <T>(ms: number, promise: Promise<T>): Promise<T | undefined> => {
  const patience = new AbortController();
  const tooLong = delay(ms, undefined, { signal: patience.signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, tooLong]);
  } finally {
    patience.abort();
  }
};
