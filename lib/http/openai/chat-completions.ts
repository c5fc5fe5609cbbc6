import type { Clock } from '../../async/clock.ts';
import { inBatches } from '../../async/in-batches.ts';
import { within } from '../../async/within.ts';
import type { RunListener } from '../../lifecycle/outputs.ts';
import type { Started } from '../../lifecycle/start.ts';
import type { Log } from '../../observe/log.ts';
import { chatCompletionOf } from '../../openai/chat-completion.ts';
import { figuresOf } from '../../openai/run-figures.ts';
import type { Trace } from '../../runs/generation.ts';
import type { RunView } from '../../runs/view.ts';
import { type Handler, type HttpContext, pathPrefix } from '../base-app.ts';
import { EVENT_STREAM_HEADERS } from '../event-stream.ts';
import { type BeginRunDeps, type Begun, beginRun } from '../runs/begin-run.ts';
import { inProgress, notStored, outputProblem } from '../runs/problems.ts';
import type { RelayLimits } from '../runs/relay.ts';
import { COUNTED_TIER, makeChatChunks } from './chat-chunks.ts';
import { type AnswerOptions, type ChatRequest, parseChatRequest } from './chat-request.ts';
import type { ChatAnswer } from './chat-schemas.ts';
import { makeChatRelay } from './chat-stream.ts';
import { storedParts } from './choice-deltas.ts';
import {
  type AnswerRelay,
  collectInto,
  refusalOf,
  refuse,
  streamedAnswer,
  type Traces,
} from './ended-answer.ts';
import { openaiErrorResponse } from './openai-error.ts';

export type ChatCompletionsDeps = {
  asking: BeginRunDeps;
  /** Reads the log probabilities of a replayed run; without it a replay has none. */
  readTrace?: (id: string, index: number, caller: string) => Promise<Trace>;
  /** How long a stream waits for its first text, in ms, so that an earlier failure gets its own status. */
  holdMs?: number;
  limits: RelayLimits;
  clock: Clock;
  log: Log;
};

/** One of OpenAI's protocols of a run: how a request is read, and what its answers are, whole and streamed. */
export type Protocol = {
  /** Where the generations are asked from, as of a setting. */
  endpoint?: 'completions';
  parse(body: unknown): ChatRequest;
  answerOf(run: RunView, request: AnswerOptions & { traces: Traces }): object;
  chunksOf: typeof makeChatChunks;
};

/** https://platform.openai.com/docs/api-reference/chat: each generation of the run is a choice. */
export const CHAT: Protocol = {
  parse: parseChatRequest,
  answerOf: (run, chat): ChatAnswer => ({
    ...chatCompletionOf(run, chat),
    ...(chat.tellTier && { service_tier: COUNTED_TIER }),
    everytoken: figuresOf(run),
  }),
  chunksOf: makeChatChunks,
};

type Chat = ChatRequest & { body: unknown; listener: RunListener; relay?: AnswerRelay; traces: Traces };
type ChatExchange = { c: HttpContext; begun: Begun<Chat>; deps: ChatCompletionsDeps; protocol: Protocol };
type Running = Extract<Started, { kind: 'started' }>;

const runPath = (c: HttpContext, { id }: RunView): string => `${pathPrefix(c.env)}/runs/${id}`;

/** The handler of a route that generates in one of OpenAI's protocols. */
export const makeCompletions = (protocol: Protocol, deps: ChatCompletionsDeps): Handler => {
  const parse = (body: unknown): Chat & Pick<Protocol, 'endpoint'> => {
    const request = protocol.parse(body);
    const { endpoint } = protocol;
    const traces: Traces = [];
    const shared = { ...request, ...(endpoint && { endpoint }), body: request.run, traces };
    if (!request.stream) return { ...shared, listener: collectInto(traces) };
    const relay = makeChatRelay(request, deps.limits, protocol.chunksOf);
    return { ...shared, relay, listener: relay.listener };
  };
  return async (c) => {
    const begun = await beginRun(c, parse, deps.asking);
    const { started, parsed } = begun;
    const exchange = { c, begun, deps, protocol };
    if (started.kind !== 'started') return settledAnswer(exchange, started);
    if (!parsed.relay) return whole(exchange, started);
    return streamedAnswer(started, parsed.relay, { ...deps, path: runPath(c, started.run) });
  };
};

const whole = async (
  { c, begun, deps, protocol }: ChatExchange,
  { run, done }: Running,
): Promise<Response> => {
  const ended = await within(begun.waitMs, done);
  return (
    refusalOf(ended ?? run, runPath(c, run), deps) ??
    Response.json(protocol.answerOf(ended ?? run, begun.parsed))
  );
};

/** Concurrent reads of traces. */
const READS_AT_ONCE = 8;

/** The response for a run that this request did not start. */
const settledAnswer = async (
  { c, begun, deps, protocol }: ChatExchange,
  { kind, run }: Exclude<Started, Running>,
) => {
  if (kind !== 'replayed') return refuse(inProgress(run), runPath(c, run));
  const replayed = { 'idempotent-replayed': 'true' };
  const failure = outputProblem(run, deps.clock.now()) ?? notStored(run);
  if (failure) return openaiErrorResponse({ ...failure, headers: { ...failure.headers, ...replayed } });
  const { readTrace } = deps;
  const traces =
    readTrace &&
    (await inBatches(
      run.generations,
      READS_AT_ONCE,
      async ({ index }) => (await readTrace(run.id, index, begun.caller)).chunks,
    ));
  if (!begun.parsed.stream) {
    const answer = protocol.answerOf(run, { ...begun.parsed, traces: traces ?? [] });
    return Response.json(answer, { headers: replayed });
  }
  const events = replay(run, traces, { request: begun.parsed, protocol });
  return new Response(ReadableStream.from(events), { headers: { ...EVENT_STREAM_HEADERS, ...replayed } });
};

function* replay(
  run: RunView,
  traces: Traces | undefined,
  { request, protocol }: { request: AnswerOptions; protocol: Protocol },
): Generator<Uint8Array> {
  const events = protocol.chunksOf(run, request);
  for (const generation of run.generations) {
    const { index, model, finish_reason: finishReason } = generation;
    const [first, ...rest] = storedParts(generation, traces?.[index], request);
    yield events.first(index, first);
    for (const part of first ? [first, ...rest] : []) yield events.part(index, part);
    yield events.finish(index, { model, finishReason });
  }
  yield events.tail(run);
}
