import type { Clock } from '../../async/clock.ts';
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
import { type BeginRunDeps, type Begun, beginRun, within } from '../runs/begin-run.ts';
import { goesOn, inProgress, runProblem } from '../runs/problems.ts';
import { followRun, type RelayLimits } from '../runs/relay.ts';
import { type ChatRequest, parseChatRequest } from './chat-request.ts';
import { type ChatRelay, isToldInChat, makeChatChunks, makeChatRelay } from './chat-stream.ts';
import { openaiErrorResponse } from './openai-error.ts';

export type ChatCompletionsDeps = {
  asking: BeginRunDeps;
  /** Where log probabilities of a run that is answered again are read; without it such an answer has none. */
  readTrace?: (id: string, index: number, caller: string) => Promise<Trace>;
  /** How long a stream waits for its first text, so that a failure before it is told by its status. */
  holdMs?: number;
  limits: RelayLimits;
  clock: Clock;
  log: Log;
};

type Chat = ChatRequest & { body: unknown; listener: RunListener; relay?: ChatRelay; told: TraceChunk[] };
type Ask = { c: HttpContext; begun: Begun<Chat>; deps: ChatCompletionsDeps };
type Running = Extract<Started, { kind: 'started' }>;

/** POST /v1/chat/completions: a run of one generation, asked for and answered by OpenAI's protocol. */
export const makeChatCompletions = (deps: ChatCompletionsDeps): Handler => {
  const read = (body: unknown): Chat => {
    const request = parseChatRequest(body);
    const told: TraceChunk[] = [];
    if (!request.stream) return { ...request, body: request.run, told, listener: keepIn(told) };
    const relay = makeChatRelay({ ...deps.limits, includeUsage: request.includeUsage });
    return { ...request, body: request.run, told, relay, listener: relay.listener };
  };
  return async (c) => {
    const begun = await beginRun(c, read, deps.asking);
    const { started, asked } = begun;
    const ask = { c, begun, deps };
    if (started.kind !== 'started') return settledAnswer(ask, started);
    return asked.relay ? streamed(ask, started, asked.relay) : whole(ask, started);
  };
};

/** Keeps what belongs to the answer of the try that counts. */
const keepIn = (told: TraceChunk[]): RunListener => ({
  onChunk: (_, chunk) => void (isToldInChat(chunk) && told.push(chunk)),
  onRestart: () => void told.splice(0),
  onGeneration: () => {},
});

const whole = async ({ c, begun, deps }: Ask, { run, done }: Running): Promise<Response> => {
  const ended = await within(begun.waitMs, done);
  return refusalOf(c, ended ?? run, deps) ?? answer(ended ?? run, begun.asked.told);
};

const answer = (
  run: RunView,
  told: readonly TraceChunk[],
  headers: Record<string, string> = {},
): Response => {
  const [generation] = run.generations;
  if (!generation) throw new Error(`run ${run.id} has ended without a generation`);
  return Response.json(chatCompletionOf(run, generation, told), { headers });
};

/** The error that a run is answered with: it has failed, or has not ended; undefined for one that has text. */
const refusalOf = (c: HttpContext, run: RunView, { clock }: ChatCompletionsDeps): Response | undefined => {
  if (!isAnswered(run)) return refuse(c, run, { problem: goesOn(run), headers: {} });
  const failure = runProblem(run, clock.now());
  return failure && openaiErrorResponse(failure);
};

const refuse = (c: HttpContext, { id }: RunView, { problem, headers }: ProblemAnswer): Response =>
  openaiErrorResponse({ problem, headers: { ...headers, location: `${pathPrefix(c.env)}/runs/${id}` } });

/** Begins with the first text, or after a while without: what fails before that is told by its status. */
const streamed = async ({ c, deps }: Ask, started: Running, relay: ChatRelay): Promise<Response> => {
  const { holdMs = 15_000 } = deps;
  const ended = await within(holdMs, Promise.race([started.done, relay.hasText]));
  const refusal = ended && refusalOf(c, ended, deps);
  if (refusal) return refusal;
  const body = relay.begin(started.run);
  followRun(started, relay, deps);
  return new Response(body, { headers: EVENT_STREAM_HEADERS });
};

/** The answer for a run that this request did not start. */
const settledAnswer = async ({ c, begun, deps }: Ask, { kind, run }: Exclude<Started, Running>) => {
  if (kind !== 'replayed') return refuse(c, run, inProgress(run));
  const replayed = { 'idempotent-replayed': 'true' };
  const failure = runProblem(run, deps.clock.now());
  if (failure) return openaiErrorResponse({ ...failure, headers: { ...failure.headers, ...replayed } });
  const chunks = (await deps.readTrace?.(run.id, 0, begun.caller))?.chunks.filter(isToldInChat);
  if (!begun.asked.stream) return answer(run, chunks ?? [], replayed);
  const text = run.generations[0]?.text ?? '';
  const events = replay(run, chunks ?? [{ t_ms: 0, text, tokens: null }], begun.asked);
  return new Response(ReadableStream.from(events), { headers: { ...EVENT_STREAM_HEADERS, ...replayed } });
};

function* replay(run: RunView, told: readonly TraceChunk[], request: ChatRequest): Generator<Uint8Array> {
  const chunks = makeChatChunks(run, request);
  yield chunks.first();
  for (const chunk of told) yield chunks.text(chunk);
  yield chunks.end(run);
}
