import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export type PacedServer = {
  url: string;
  /** From the arrival of the newest request to its first token, in ms. */
  newestFirstMs: () => number;
  close: () => Promise<void>;
};

const FIRST_MS = 50;
const LINE = 24;
/** Letters that every system has in its fonts: a search for others would be measured with the page. */
const WORDS =
  ' vectors are close when their texts mean the same and an index finds them without reading all of'.split(
    /(?= )/,
  );

/**
 * Starts a model server on 127.0.0.1 that emits a token an event at a steady rate. The model's name is the rate, as
 * `rate-200`; a stream has as many tokens as the request allows.
 */
export const startPacedServer = async (): Promise<PacedServer> => {
  let newestFirstMs = Number.NaN;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    for await (const part of request) body += part;
    const arrivedAt = performance.now();
    const { model, max_tokens, max_completion_tokens } = JSON.parse(body || '{}');
    const tokens = Number(max_completion_tokens ?? max_tokens ?? 100);
    const tickMs = 1000 / Number(/^rate-(\d+)$/.exec(model)?.[1]);
    const write = (choices: unknown[], usage: unknown = null): boolean =>
      response.write(
        `data: ${JSON.stringify({ id: 'chatcmpl-paced', object: 'chat.completion.chunk', model, choices, usage })}\n\n`,
      );
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let at = 0; at < tokens && !response.destroyed; at++) {
      const waitMs = arrivedAt + FIRST_MS + at * tickMs - performance.now();
      if (waitMs > 0) await delay(waitMs);
      const content = at % (LINE * WORDS.length) === 0 && at > 0 ? '\n' : (WORDS[at % WORDS.length] ?? '');
      if (at === 0) newestFirstMs = performance.now() - arrivedAt;
      write([{ index: 0, delta: { content }, finish_reason: null }]);
    }
    write([{ index: 0, delta: {}, finish_reason: 'stop' }]);
    write([], { prompt_tokens: 1, completion_tokens: tokens, total_tokens: tokens + 1 });
    response.end('data: [DONE]\n\n');
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    newestFirstMs: () => newestFirstMs,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
