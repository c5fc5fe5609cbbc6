import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerParent } from '../child.ts';
import { answerTo } from './prompt-lines.ts';

// Runs as a child process: an OpenAI server on 127.0.0.1 that streams each answer at once. It has no embeddings.

const MODEL = 'answers-at-once';
const PROMPT_TOKENS = 250;

const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const route = `${request.method} ${request.url}`;
  if (route === 'GET /v1/models') {
    sendJson(response, 200, { object: 'list', data: [{ id: MODEL, object: 'model' }] });
  } else if (route === 'POST /v1/chat/completions') {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const { messages } = JSON.parse(Buffer.concat(parts).toString());
    stream(response, answerTo(messages.at(-1).content));
  } else {
    request.resume();
    sendJson(response, 404, {
      error: { message: `${route} is not served by this benchmark's model server` },
    });
  }
};

const sendJson = (response: ServerResponse, status: number, body: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const stream = (response: ServerResponse, tokens: string[]): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  const usage = {
    prompt_tokens: PROMPT_TOKENS,
    completion_tokens: tokens.length,
    total_tokens: PROMPT_TOKENS + tokens.length,
  };
  const chunks = [
    ...tokens.map((content) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })),
    { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    { choices: [], usage },
  ];
  const head = { id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1, model: MODEL };
  for (const chunk of chunks) response.write(`data: ${JSON.stringify({ ...head, ...chunk })}\n\n`);
  response.end('data: [DONE]\n\n');
};

const server = createServer((request, response) => {
  answer(request, response).catch((error: Error) => response.destroy(error));
});
const listening = new Promise<string>((resolve) => {
  server.listen(0, '127.0.0.1', () =>
    resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`),
  );
});

answerParent<{ ask: 'url' }>(async () => ({ url: await listening, pid: process.pid, model: MODEL }));
