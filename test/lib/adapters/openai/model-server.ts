import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate as tick } from 'node:timers/promises';

export type Received = {
  path: string;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
  /** The size of the body as it came. */
  bytes: number;
};

/** A real HTTP server on 127.0.0.1 that records its requests and answers by `answer`. */
export const startModelServer = async (
  answer: (response: ServerResponse, received: Received) => void | Promise<void>,
) => {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    const one = {
      path: request.url ?? '',
      headers: request.headers,
      body: text ? JSON.parse(text) : {},
      bytes: Buffer.byteLength(text),
    };
    received.push(one);
    await answer(response, one);
  });
  server.on('connection', (socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseURL: `http://127.0.0.1:${port}/v1`,
    received,
    openSockets: () => sockets.size,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

export const EVENT_STREAM = { 'content-type': 'text/event-stream; charset=utf-8' };

/** One event of a chat completion's stream. */
export const event = (fields: Record<string, unknown>): string =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', model: 'answering-model', ...fields })}\n\n`;

export const delta = (fields: Record<string, unknown>, rest: Record<string, unknown> = {}): string =>
  event({ choices: [{ index: 0, delta: fields, finish_reason: null, ...rest }] });

export const finish = (reason = 'stop'): string =>
  event({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });

export const usage = (fields: Record<string, unknown>): string => event({ choices: [], usage: fields });

export const DONE = 'data: [DONE]\n\n';

/** An ordinary answer: role, texts, finish, usage, `[DONE]`. */
export const answerOf = (...texts: string[]): string =>
  [
    delta({ role: 'assistant', content: '' }),
    ...texts.map((content) => delta({ content })),
    finish(),
    usage({ prompt_tokens: 9, completion_tokens: texts.length + 1, total_tokens: texts.length + 10 }),
    DONE,
  ].join('');

/** Writes the parts one by one, each in its own turn of the event loop. */
export const writeParts = async (
  response: ServerResponse,
  parts: Iterable<Uint8Array | string>,
): Promise<void> => {
  response.writeHead(200, EVENT_STREAM);
  for (const part of parts) {
    if (part.length > 0) response.write(part);
    await tick();
  }
};
