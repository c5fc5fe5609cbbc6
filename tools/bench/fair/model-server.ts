import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { answerParent } from '../child.ts';

// Runs as a child process: an OpenAI server on 127.0.0.1 that streams each answer over a second, for any number of
// requests at once. It needs next to no CPU, so callers wait for each other only where everytoken makes them.

const MODEL = 'a-second-each';
const TOKENS = 20;
const EVERY_MS = 50;

const stream = async (response: ServerResponse): Promise<void> => {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  const send = (chunk: object) =>
    response.write(
      `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1, model: MODEL, ...chunk })}\n\n`,
    );
  for (let token = 0; token < TOKENS && !response.destroyed; token += 1) {
    await delay(EVERY_MS);
    send({ choices: [{ index: 0, delta: { content: 'word ' }, finish_reason: null }] });
  }
  send({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
  send({ choices: [], usage: { prompt_tokens: 5, completion_tokens: TOKENS, total_tokens: 5 + TOKENS } });
  response.end('data: [DONE]\n\n');
};

const server = createServer((request, response) => {
  request.resume();
  if (request.url === '/v1/chat/completions')
    stream(response).catch((error: Error) => response.destroy(error));
  else {
    const isList = request.url === '/v1/models';
    response.writeHead(isList ? 200 : 404, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        isList
          ? { object: 'list', data: [{ id: MODEL, object: 'model' }] }
          : { error: { message: 'no such route' } },
      ),
    );
  }
});
const listening = new Promise<string>((resolve) => {
  server.listen(0, '127.0.0.1', () =>
    resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`),
  );
});

answerParent<{ ask: 'url' }>(async () => ({ url: await listening, model: MODEL }));
