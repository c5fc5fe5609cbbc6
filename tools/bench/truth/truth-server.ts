import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../../../local/openai/pace.ts';
import { wholeAnswer } from './sse-events.ts';
import { isScenario, planStream, type Scenario, type StreamPlan } from './stream-plan.ts';

/**
 * A write that completed an event with text. `at` is the instant right before it (ms, CLOCK_MONOTONIC); `tookMs` is its
 * duration, which is the uncertainty of `at`. `chars` and `tokens` count all text written so far, this write included.
 */
export type Emission = { at: number; tookMs: number; chars: number; tokens: number };

/**
 * The known facts of one stream. `key` is the number in its request's prompt. `endedAt` is the instant right before the
 * write that ends the answer: `[DONE]`, the last event of a response, or the whole of an answer that does not stream.
 */
export type Truth = {
  key: number;
  scenario: Scenario;
  emissions: Emission[];
  endedAt: number;
  /** The instant at which the whole request was read. */
  arrivedAt: number;
  text: string;
  visibleTokens: number;
  reasoningTokens: number;
};

export type TruthServer = {
  url: string;
  /**
   * Returns the truth of these streams and forgets it.
   * @throws {Error} when a stream has not ended
   */
  take(keys: number[]): Truth[];
  close(): Promise<void>;
};

const IDLE_MS = 600_000;

/**
 * Starts an OpenAI server of chat completions, and of streams of the Responses API, on 127.0.0.1. `model` names the scenario; the last message's content, or
 * `seed` where it is given, is a number that names the stream and seeds its plan. Each instant is taken right before the write to the socket and is
 * not part of the stream. A request that does not stream takes as long and gets the whole answer at the end.
 */
export const startTruthServer = async (options: { tokens: number; rate: number }): Promise<TruthServer> => {
  const truths = new Map<number, Truth>();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => {
      if (!response.headersSent) response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: error.message } }));
    });
  });
  // Clients take turns: an idle connection must survive the turns of the others.
  server.keepAliveTimeout = IDLE_MS;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { scenario, key, streamed, isResponse } = await readRequest(request);
    const arrivedAt = monotonicMs();
    const id = `${isResponse ? 'resp' : 'chatcmpl'}-${key}`;
    const plan = planStream(scenario, { ...options, seed: key, id, isResponse });
    if (streamed) {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
      response.flushHeaders();
    }
    const { emissions, lastWriteAt } = await emit(plan, arrivedAt, response, streamed);
    const { text, visibleTokens, reasoningTokens } = plan;
    const endedAt = streamed ? lastWriteAt : monotonicMs();
    truths.set(key, { key, scenario, arrivedAt, emissions, endedAt, text, visibleTokens, reasoningTokens });
    if (streamed) response.end();
    else {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(wholeAnswer(id, scenario, plan)));
    }
  };

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    take: (keys) =>
      keys.map((key) => {
        const truth = truths.get(key);
        if (!truth) throw new Error(`stream ${key} has not ended at the server`);
        truths.delete(key);
        return truth;
      }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const readRequest = async (
  request: IncomingMessage,
): Promise<{ scenario: Scenario; key: number; streamed: boolean; isResponse: boolean }> => {
  let text = '';
  for await (const part of request) text += part;
  const body = JSON.parse(text);
  const isResponse = request.url?.endsWith('/responses') ?? false;
  const content = (isResponse ? body.input : body.messages)?.at(-1)?.content;
  const key = Number(body.seed ?? (typeof content === 'string' ? content : content?.[0]?.text));
  if (!isScenario(body.model))
    throw new Error(`model must name a scenario, not ${JSON.stringify(body.model)}`);
  if (!Number.isSafeInteger(key)) throw new Error('the last message must be the number of the stream');
  return { scenario: body.model, key, streamed: body.stream === true, isResponse };
};

const emit = async (
  { writes }: StreamPlan,
  arrivedAt: number,
  response: ServerResponse,
  streamed: boolean,
): Promise<{ emissions: Emission[]; lastWriteAt: number }> => {
  const emissions: Emission[] = [];
  let lastWriteAt = arrivedAt;
  let chars = 0;
  let tokens = 0;
  for (const { dueMs, bytes, words } of writes) {
    await delayUntil(arrivedAt + dueMs);
    if (response.destroyed) throw new Error('the client disconnected before the stream ended');
    const at = monotonicMs();
    if (streamed) writeNow(response, bytes);
    const tookMs = monotonicMs() - at;
    lastWriteAt = at;
    if (words.length === 0) continue;
    for (const word of words) chars += word.length;
    tokens += words.length;
    emissions.push({ at, tookMs, chars, tokens });
  }
  return { emissions, lastWriteAt };
};

/**
 * Waits until `dueMs` on CLOCK_MONOTONIC, never less. A timer drops fractions of a ms, so it can fire early: the first of
 * the writes that are due together would then be early, and the others not.
 */
export const delayUntil = async (dueMs: number): Promise<void> => {
  for (let waitMs = dueMs - monotonicMs(); waitMs > 0; waitMs = dueMs - monotonicMs()) {
    await delay(Math.ceil(waitMs));
  }
};

/** Without the cork, Node holds a chunked write back until the end of this turn of the event loop. */
const writeNow = (response: ServerResponse, bytes: Uint8Array): void => {
  const { socket } = response;
  socket?.cork();
  response.write(bytes);
  socket?.uncork();
};
