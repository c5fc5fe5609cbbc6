import type { Clock } from '../../async/clock.ts';
import { within } from '../../async/within.ts';
import type { RunListener } from '../../lifecycle/outputs.ts';
import type { Started } from '../../lifecycle/start.ts';
import type { Log } from '../../observe/log.ts';
import { chatCompletionOf } from '../../openai/chat-completion.ts';
import type { Trace, TraceChunk } from '../../runs/generation.ts';
import { isAnswered } from '../../runs/run.ts';
import type { RunView } from '../../runs/view.ts';
import { type Handler, type HttpContext, pathPrefix } from '../base-app.ts';
import { EVENT_STREAM_HEADERS } from '../event-stream.ts';
import type { ProblemAnswer } from '../problem.ts';
import { type BeginRunDeps, type Begun, beginRun } from '../runs/begin-run.ts';
import { inProgress, runProblem, waitTimeout } from '../runs/problems.ts';
import { followRun, type RelayLimits } from '../runs/relay.ts';
import { type ChatRequest, parseChatRequest } from './chat-request.ts';
import { type ChatRelay, isChatChunk, makeChatChunks, makeChatRelay } from './chat-stream.ts';
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

type Chat = ChatRequest & { body: unknown; listener: RunListener; relay?: ChatRelay; chunks: TraceChunk[] };
type ChatExchange = { c: HttpContext; begun: Begun<Chat>; deps: ChatCompletionsDeps };
type Running = Extract<Started, { kind: 'started' }>;

/**
 * The handler of POST /v1/chat/completions: a run of one generation in OpenAI's protocol
 * (https://platform.openai.com/docs/api-reference/chat).
 */
export const makeChatCompletions = (deps: ChatCompletionsDeps): Handler => {
  const parse = (body: unknown): Chat => {
    const request = parseChatRequest(body);
    const chunks: TraceChunk[] = [];
    if (!request.stream) return { ...request, body: request.run, chunks, listener: collectInto(chunks) };
    const relay = makeChatRelay({ ...deps.limits, includeUsage: request.includeUsage });
    return { ...request, body: request.run, chunks, relay, listener: relay.listener };
  };
  return async (c) => {
    const begun = await beginRun(c, parse, deps.asking);
    const { started, parsed } = begun;
    const exchange = { c, begun, deps };
    if (started.kind !== 'started') return settledAnswer(exchange, started);
    return parsed.relay ? streamed(exchange, started, parsed.relay) : whole(exchange, started);
  };
};

/** Collects the chunks of the final attempt: a restart discards the earlier ones. */
const collectInto = (chunks: TraceChunk[]): RunListener => ({
  onChunk: (_, chunk) => void (isChatChunk(chunk) && chunks.push(chunk)),
  onRestart: () => void chunks.splice(0),
  onGeneration: () => {},
});

const whole = async ({ c, begun, deps }: ChatExchange, { run, done }: Running): Promise<Response> => {
  const ended = await within(begun.waitMs, done);
  return refusalOf(c, ended ?? run, deps) ?? answer(ended ?? run, begun.parsed.chunks);
};

const answer = (
  run: RunView,
  chunks: readonly TraceChunk[],
  headers: Record<string, string> = {},
): Response => {
  const [generation] = run.generations;
  if (!generation) throw new Error(`run ${run.id} has ended without a generation`);
  return Response.json(chatCompletionOf(run, generation, chunks), { headers });
};

/** The error response of a run that failed or has not ended; undefined for one that has text. */
const refusalOf = (c: HttpContext, run: RunView, { clock }: ChatCompletionsDeps): Response | undefined => {
  if (!isAnswered(run)) return refuse(c, run, { problem: waitTimeout(run), headers: {} });
  const failure = runProblem(run, clock.now());
  return failure && openaiErrorResponse(failure);
};

const refuse = (c: HttpContext, { id }: RunView, { problem, headers }: ProblemAnswer): Response =>
  openaiErrorResponse({ problem, headers: { ...headers, location: `${pathPrefix(c.env)}/runs/${id}` } });

/** Starts streaming at the first text, or after `holdMs` without one; an earlier failure gets its own status. */
const streamed = async ({ c, deps }: ChatExchange, started: Running, relay: ChatRelay): Promise<Response> => {
  const { holdMs = 15_000 } = deps;
  const ended = await within(holdMs, Promise.race([started.done, relay.hasText]));
  const refusal = ended && refusalOf(c, ended, deps);
  if (refusal) return refusal;
  const body = relay.begin(started.run);
  followRun(started, relay, deps);
  return new Response(body, { headers: EVENT_STREAM_HEADERS });
};

/** The response for a run that this request did not start. */
const settledAnswer = async ({ c, begun, deps }: ChatExchange, { kind, run }: Exclude<Started, Running>) => {
  if (kind !== 'replayed') return refuse(c, run, inProgress(run));
  const replayed = { 'idempotent-replayed': 'true' };
  const failure = runProblem(run, deps.clock.now());
  if (failure) return openaiErrorResponse({ ...failure, headers: { ...failure.headers, ...replayed } });
  const chunks = (await deps.readTrace?.(run.id, 0, begun.caller))?.chunks.filter(isChatChunk);
  if (!begun.parsed.stream) return answer(run, chunks ?? [], replayed);
  const text = run.generations[0]?.text ?? '';
  const events = replay(run, chunks ?? [{ t_ms: 0, text, tokens: null }], begun.parsed);
  return new Response(ReadableStream.from(events), { headers: { ...EVENT_STREAM_HEADERS, ...replayed } });
};

function* replay(run: RunView, chunks: readonly TraceChunk[], request: ChatRequest): Generator<Uint8Array> {
  const events = makeChatChunks(run, request);
  yield events.first();
  for (const chunk of chunks) yield events.text(chunk);
  yield events.end(run);
}
