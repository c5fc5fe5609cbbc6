import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type MoodyModel = {
  /** Ends in `/v1`. */
  url: string;
  /** Releases all waiting requests, and lets later ones pass. */
  stopWaiting: () => void;
  /** Number of waiting requests. */
  waiting: () => number;
  close: () => Promise<void>;
};

/**
 * A model server that follows its prompts: one with `WAIT` waits until it is released, one with `LATER` gets a 429 for
 * a minute.
 */
export const startMoodyModel = async (): Promise<MoodyModel> => {
  const waiting = new Set<() => void>();
  let isPatient = true;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts).toString();
    if (request.method === 'GET')
      return json(response, 200, { object: 'list', data: [{ id: 'm', object: 'model' }] });
    if (body.includes('LATER')) {
      response.setHeader('retry-after', '60');
      return json(response, 429, { error: { message: 'later', code: 'rate_limit_exceeded' } });
    }
    if (body.includes('WAIT') && isPatient) {
      await new Promise<void>((goOn) => {
        waiting.add(goOn);
        response.on('close', () => waiting.delete(goOn) && goOn());
      });
    }
    stream(response);
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const stopWaiting = () => {
    isPatient = false;
    for (const goOn of waiting) goOn();
    waiting.clear();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    stopWaiting,
    waiting: () => waiting.size,
    close: async () => {
      stopWaiting();
      server.closeAllConnections();
      server.close();
    },
  };
};

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

const stream = (response: ServerResponse): void => {
  const chunk = (choices: unknown[], usage: unknown = null) =>
    response.write(
      `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices, usage })}\n\n`,
    );
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  chunk([{ index: 0, delta: { content: 'As you wish.' }, finish_reason: null }]);
  chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]);
  chunk([], { prompt_tokens: 1, completion_tokens: 4, total_tokens: 5 });
  response.end('data: [DONE]\n\n');
};
