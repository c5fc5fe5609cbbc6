import { setTimeout as delay } from 'node:timers/promises';
import type { Hono } from 'hono';
import type { Clock, Log } from '../runs/ports.ts';
import { isAnswered } from '../runs/run.ts';
import type { RunView } from '../runs/run-view.ts';
import type { Started, StartRun } from '../runs/start-run.ts';
import type { Authenticate } from './authenticate.ts';
import { type HttpContext, makeApp } from './base-app.ts';
import { errorFields } from './error-fields.ts';
import { EVENT_STREAM_HEADERS } from './event-stream.ts';
import { type HttpBindings, type HttpEnv, pathPrefix } from './http-env.ts';
import { makeProblem, problemOf, problemResponse } from './problem.ts';
import { readJsonBody } from './read-json-body.ts';
import { readIdempotencyKey, readWaitMs } from './request-headers.ts';
import { runProblem } from './run-problem.ts';
import { makeRunRelay, type RunRelay, replayRun } from './run-relay.ts';

export type GenerateAppDeps = {
  authenticate: Authenticate;
  /** `bindings` tell how long this invocation still lasts, for who wants to stop in time. */
  startRun: (...of: [...Parameters<StartRun>, bindings: HttpBindings]) => Promise<Started>;
  clock: Clock;
  log: Log;
  /** How long a whole answer is waited for before it becomes a 202. */
  waitMs?: number;
  commentMs?: number;
  /** What a stream keeps for a client that reads slowly. */
  maxUnsentBytes?: number;
};

const RETRY_AFTER_SECONDS = 2;

/** POST /runs: answered whole, streamed or later. */
export const makeGenerateApp = (deps: GenerateAppDeps): Hono<HttpEnv> => {
  const { waitMs = 240_000, commentMs = 15_000, maxUnsentBytes = 1024 * 1024 } = deps;

  const post = async (c: HttpContext): Promise<Response> => {
    const startedAt = deps.clock.monotonic();
    const { headers } = c.req.raw;
    const caller = await deps.authenticate(headers);
    const idempotencyKey = readIdempotencyKey(headers);
    const mostMs = readWaitMs(headers, waitMs);
    const body = await readJsonBody(c.req.raw);
    const relay = wantsStream(body) ? makeRunRelay({ maxUnsentBytes, commentMs }) : undefined;
    const started = await deps.startRun(
      body,
      {
        caller,
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        ...(relay ? { listener: relay.listener } : {}),
      },
      c.env ?? {},
    );
    c.set('runId', started.run.id);
    c.set('acceptMs', deps.clock.monotonic() - startedAt);
    if (started.kind !== 'started') return settledAnswer(c, started, relay !== undefined, deps.clock);
    c.env?.waitUntil?.(started.done.catch(() => {}));
    return relay
      ? streamed(started, relay, deps)
      : await whole(c, started.done, started.run, mostMs, deps.clock);
  };
  return makeApp({ '/runs': { POST: post } }, deps);
};

const wantsStream = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && 'stream' in body && body.stream === true;

const location = (c: HttpContext, run: RunView): string => `${pathPrefix(c.env)}/runs/${run.id}`;

const accepted = (c: HttpContext, run: RunView): Response =>
  Response.json(run, { status: 202, headers: { location: location(c, run) } });

const created = (c: HttpContext, run: RunView, headers: Record<string, string> = {}): Response =>
  Response.json(run, { status: 201, headers: { location: location(c, run), ...headers } });

/** The answer for a run that this request did not start. */
const settledAnswer = (
  c: HttpContext,
  { kind, run }: Exclude<Started, { kind: 'started' }>,
  isStream: boolean,
  clock: Clock,
): Response => {
  if (kind === 'queued') return accepted(c, run);
  if (kind === 'running') {
    return problemResponse({
      problem: makeProblem(
        'run_in_progress',
        `run ${run.id} of this Idempotency-Key is still being generated`,
      ),
      headers: { 'retry-after': String(RETRY_AFTER_SECONDS), location: location(c, run) },
    });
  }
  const replayed = { 'idempotent-replayed': 'true' };
  const failure = runProblem(run, clock.now());
  if (failure) return problemResponse({ ...failure, headers: { ...failure.headers, ...replayed } });
  return isStream
    ? new Response(replayRun(run), { headers: { ...EVENT_STREAM_HEADERS, ...replayed } })
    : created(c, run, replayed);
};

const whole = async (
  c: HttpContext,
  done: Promise<RunView>,
  begun: RunView,
  waitMs: number,
  clock: Clock,
): Promise<Response> => {
  const patience = new AbortController();
  const tooLong = delay(waitMs, undefined, { signal: patience.signal }).catch(() => undefined);
  try {
    const run = await Promise.race([done, tooLong]);
    // Not answered though done: the process ran out of time and gave the run back, so it goes on elsewhere.
    if (!run || !isAnswered(run)) return accepted(c, run ?? begun);
    const failure = runProblem(run, clock.now());
    return failure ? problemResponse(failure) : created(c, run);
  } finally {
    patience.abort();
  }
};

const streamed = (
  { run, done }: Extract<Started, { kind: 'started' }>,
  relay: RunRelay,
  { clock, log }: Pick<GenerateAppDeps, 'clock' | 'log'>,
): Response => {
  const body = relay.begin(run);
  const tellEnd = (ended: RunView) => {
    if (!isAnswered(ended)) {
      return relay.fail(
        makeProblem('wait_timeout', `run ${run.id} goes on beyond this answer; read it later`),
      );
    }
    const failure = runProblem(ended, clock.now());
    return failure ? relay.fail(failure.problem) : relay.complete(ended);
  };
  done.then(tellEnd).catch((error: unknown) => {
    const { problem } = problemOf(error);
    if (problem.status >= 500) log.error('http.failed', { run_id: run.id, ...errorFields(error) });
    relay.fail(problem);
  });
  return new Response(body, { headers: EVENT_STREAM_HEADERS });
};
