import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../async/clock.ts';
import { DEFAULT_RETRY_POLICY } from '../../generate/retry-policy.ts';
import type { ProcessReadings } from '../../timing/read-delays.ts';
import { makeOpenAIModel } from './model.ts';

/** How long a start-up may wait for the warm-up. */
const LIMIT_MS = 1_000;
/** A longer answer is not worth reading for the sake of its connection. */
const MAX_ANSWER_BYTES = 64 * 1024;

type WarmUp = { baseURL: string; clock: Clock; readings: ProcessReadings };

/**
 * Does at start-up what a first generation would otherwise do between its request and its first token, where it would be
 * taken for the model's time: opens the connection to the model server by an `OPTIONS` request, which changes nothing
 * and has no key, and loads and compiles the code of a request and its stream by one generation against a server in this
 * process. The first generation does what fails here. Takes at most a second, and never throws.
 */
export const warmUpModel = async (options: WarmUp): Promise<void> => {
  const signal = AbortSignal.timeout(LIMIT_MS);
  await Promise.allSettled([openConnection(options.baseURL, signal), generateHere(options, signal)]);
};

const openConnection = async (baseURL: string, signal: AbortSignal): Promise<void> => {
  const url = `${baseURL}/chat/completions`;
  const { body } = await fetch(url, { method: 'OPTIONS', redirect: 'manual', signal });
  const reader = body?.getReader();
  // Only an answer that is read to its end leaves its connection open.
  for (let bytes = 0; ; ) {
    const { done = true, value } = (await reader?.read()) ?? {};
    bytes += value?.length ?? 0;
    if (done) return;
    if (bytes > MAX_ANSWER_BYTES) return reader?.cancel();
  }
};

const generateHere = async (
  { clock, readings }: Omit<WarmUp, 'baseURL'>,
  signal: AbortSignal,
): Promise<void> => {
  const server = createServer((request, response) => {
    request.resume().on('end', () => void answer(response));
  });
  try {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening', { signal });
    const { port } = server.address() as AddressInfo;
    const model = makeOpenAIModel({
      apiKey: 'none',
      baseURL: `http://127.0.0.1:${port}/v1`,
      clock,
      readings,
    });
    await model.stream(
      { model: 'warm-up', messages: [{ role: 'user', content: 'Hello' }], body: { max_tokens: 3 } },
      { deadlines: DEFAULT_RETRY_POLICY, signal, onChunk: () => {} },
    );
  } finally {
    server.close();
    server.closeAllConnections();
  }
};

const answer = async (response: ServerResponse): Promise<void> => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of EVENTS) {
    response.write(event);
    await nextTurn();
  }
  response.end();
};

const event = (choices: object[], rest: object = {}): string =>
  `data: ${JSON.stringify({ id: 'warm-up', object: 'chat.completion.chunk', model: 'warm-up', choices, ...rest })}\n\n`;

const EVENTS = [
  event([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]),
  event([{ index: 0, delta: { content: 'Good' }, finish_reason: null }]),
  event([{ index: 0, delta: { content: ' morning' }, finish_reason: null }]),
  event([{ index: 0, delta: {}, finish_reason: 'stop' }]),
  event([], { usage: { prompt_tokens: 2, completion_tokens: 3, total_tokens: 5 } }),
  'data: [DONE]\n\n',
];
