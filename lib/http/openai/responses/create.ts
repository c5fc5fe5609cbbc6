import { within } from '../../../async/within.ts';
import { NotFoundError } from '../../../errors.ts';
import type { Started } from '../../../lifecycle/start.ts';
import { readEarlier } from '../../../openai/responses/earlier.ts';
import { responseIdOf } from '../../../openai/responses/item-ids.ts';
import { namedIn, parseResponseRequest, type ResponseRequest } from '../../../openai/responses/request.ts';
import { replayedEvents, wholeResponse } from '../../../openai/responses/whole-response.ts';
import { keyedRunId } from '../../../runs/keys.ts';
import type { WholeRun } from '../../../runs/read-run.ts';
import type { RunView } from '../../../runs/view.ts';
import { type Handler, type HttpContext, pathPrefix } from '../../base-app.ts';
import { EVENT_STREAM_HEADERS } from '../../event-stream.ts';
import { type Begun, beginRun } from '../../runs/begin-run.ts';
import { inProgress, notStored, outputProblem } from '../../runs/problems.ts';
import type { ChatCompletionsDeps } from '../chat-completions.ts';
import {
  type AnswerRelay,
  collectInto,
  refusalOf,
  refuse,
  streamedAnswer,
  type Traces,
} from '../ended-answer.ts';
import { openaiErrorResponse } from '../openai-error.ts';
import { makeEncodeEvent } from './events.ts';
import { makeResponseRelay } from './relay.ts';

export type CreateResponseDeps = ChatCompletionsDeps & {
  /** Reads the caller's earlier responses, as `readEarlier` needs it; without it there are none. */
  readWhole?: (runId: string, caller: string) => Promise<WholeRun>;
};

type Asked = ResponseRequest & { body: unknown; traces: Traces; relay?: AnswerRelay };
type Exchange = { c: HttpContext; begun: Begun<Asked>; deps: CreateResponseDeps };
type Running = Extract<Started, { kind: 'started' }>;

/** The kinds of chunks that a response shows and its generation does not hold. */
const SHOWN = { kinds: [undefined, 'refusal', 'reasoning', 'tool'] as const };

/**
 * The handler of POST /v1/responses (https://platform.openai.com/docs/api-reference/responses/create): answers with the
 * whole response, a stream of its events, or, in the background, with a response that is read later.
 */
export const makeCreateResponse = (deps: CreateResponseDeps): Handler => {
  const { readWhole = missing } = deps;
  const parse = async (body: unknown, caller: string, idempotencyKey?: string) => {
    const repeat =
      idempotencyKey === undefined ? undefined : { body, runId: keyedRunId(caller, idempotencyKey) };
    const earlier = await readEarlier(namedIn(body), (runId) => readWhole(runId, caller), repeat);
    const request = parseResponseRequest(body, earlier);
    const traces: Traces = [];
    const shared = { ...request, body: request.run, traces };
    if (!request.stream) return { ...shared, listener: collectInto(traces, SHOWN) };
    const relay = makeResponseRelay(request, deps.limits);
    return { ...shared, relay, listener: relay.listener };
  };
  return async (c) => {
    const begun = await beginRun<Asked>(c, parse, deps.asking);
    const { started, parsed } = begun;
    const exchange = { c, begun, deps };
    if (started.kind !== 'started') return settledAnswer(exchange, started);
    const { relay, pathOf } = parsed;
    if (!relay) return whole(exchange, started);
    return streamedAnswer(started, relay, { ...deps, path: pathToRun(c, started.run), pathOf });
  };
};

const missing = async (): Promise<never> => {
  throw new NotFoundError('there is no run with this id');
};

const pathToRun = (c: HttpContext, { id }: RunView): string =>
  `${pathPrefix(c.env)}/v1/responses/${responseIdOf(id)}`;

const answerOf = ({ begun: { parsed } }: Exchange, run: RunView, headers: Record<string, string> = {}) =>
  Response.json(wholeResponse(run, parsed.asked, { chunks: parsed.traces[0] }), { headers });

const whole = async (exchange: Exchange, { run, done }: Running): Promise<Response> => {
  const { c, begun, deps } = exchange;
  const ended = (await within(begun.waitMs, done)) ?? run;
  return (
    refusalOf(ended, pathToRun(c, run), { clock: deps.clock, pathOf: begun.parsed.pathOf }) ??
    answerOf(exchange, ended)
  );
};

/** The response for a run that this request did not start, or that is generated later. */
const settledAnswer = async (
  exchange: Exchange,
  { kind, run }: Exclude<Started, Running>,
): Promise<Response> => {
  const { c, begun, deps } = exchange;
  const { parsed } = begun;
  if (kind === 'queued') return answerOf(exchange, run);
  if (kind === 'running') return refuse(inProgress(run), pathToRun(c, run));
  const replayed = { 'idempotent-replayed': 'true' };
  const isLater = parsed.response.background === true && !parsed.stream;
  const failure = isLater ? undefined : (outputProblem(run, deps.clock.now()) ?? notStored(run));
  if (failure) {
    const headers = { ...failure.headers, ...replayed };
    return openaiErrorResponse({ ...failure, headers }, parsed.pathOf);
  }
  const isThere = run.generations.length > 0 && deps.readTrace !== undefined;
  const chunks = isThere ? (await deps.readTrace?.(run.id, 0, begun.caller))?.chunks : undefined;
  if (chunks) parsed.traces[0] = chunks;
  if (!parsed.stream) return answerOf(exchange, run, replayed);
  const encode = makeEncodeEvent(parsed);
  const events = replayedEvents(run, parsed.asked, chunks);
  const body = ReadableStream.from(Iterator.from(events).map(encode));
  return new Response(body, { headers: { ...EVENT_STREAM_HEADERS, ...replayed } });
};
