import type { Clock } from '../../async/clock.ts';
import { within } from '../../async/within.ts';
import { isObject } from '../../json/value.ts';
import type { Started } from '../../lifecycle/start.ts';
import type { Log } from '../../observe/log.ts';
import { isAnswered } from '../../runs/run.ts';
import { fitRun, type RunView } from '../../runs/view.ts';
import { type Handler, type HttpContext, pathPrefix } from '../base-app.ts';
import { EVENT_STREAM_HEADERS } from '../event-stream.ts';
import { problemResponse } from '../problem.ts';
import { type BeginRunDeps, beginRun } from './begin-run.ts';
import { inProgress, runProblem } from './problems.ts';
import { followRun, makeRunRelay, type RelayLimits, type RunRelay, replayRun } from './relay.ts';

type Running = Extract<Started, { kind: 'started' }>;

export type CreateRunDeps = { asking: BeginRunDeps; limits: RelayLimits; clock: Clock; log: Log };

/** The handler of POST /runs: answers with the whole run, a stream of events, or 202 for later. */
export const makeCreateRun = ({ asking, limits, ...deps }: CreateRunDeps): Handler => {
  const parse = (body: unknown) => {
    const relay = wantsStream(body) ? makeRunRelay(limits, deps.clock) : undefined;
    return { body, relay, listener: relay?.listener };
  };
  return async (c) => {
    const { started, parsed, waitMs } = await beginRun(c, parse, asking);
    const { relay } = parsed;
    if (started.kind !== 'started') return settledAnswer(c, started, relay !== undefined, deps.clock);
    return relay ? streamed(started, relay, deps) : whole(c, started, waitMs, deps.clock);
  };
};

const wantsStream = (body: unknown): boolean => isObject(body) && body.stream === true;

const location = (c: HttpContext, run: RunView): string => `${pathPrefix(c.env)}/runs/${run.id}`;

const accepted = (c: HttpContext, run: RunView): Response =>
  Response.json(fitRun(run), { status: 202, headers: { location: location(c, run) } });

const created = (c: HttpContext, run: RunView, headers: Record<string, string> = {}): Response =>
  Response.json(fitRun(run), { status: 201, headers: { location: location(c, run), ...headers } });

/** The response for a run that this request did not start. */
const settledAnswer = (
  c: HttpContext,
  { kind, run }: Exclude<Started, Running>,
  isStream: boolean,
  clock: Clock,
): Response => {
  if (kind === 'queued') return accepted(c, run);
  if (kind === 'running') {
    const { problem, headers } = inProgress(run);
    return problemResponse({ problem, headers: { ...headers, location: location(c, run) } });
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
  { run: begun, done }: Running,
  waitMs: number,
  clock: Clock,
): Promise<Response> => {
  const run = await within(waitMs, done);
  // `done` without an answer: this process ran out of time and put the run back, so it goes on elsewhere.
  if (!run || !isAnswered(run)) return accepted(c, run ?? begun);
  const failure = runProblem(run, clock.now());
  return failure ? problemResponse(failure) : created(c, run);
};

const streamed = (
  started: Running,
  relay: RunRelay,
  deps: Pick<CreateRunDeps, 'clock' | 'log'>,
): Response => {
  const body = relay.begin(started.run);
  followRun(started, relay, deps);
  return new Response(body, { headers: EVENT_STREAM_HEADERS });
};
