import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerParent } from '../child.ts';
import { DIMENSIONS, drawnVector, drawnWords } from './drawn-content.ts';
import { answerTo } from './prompt-lines.ts';

// Runs as a child process: an OpenAI server on 127.0.0.1 that answers at once, streamed or whole. The argument is JSON:
// `words` makes each answer so many words long, drawn by the prompt; with `embeddings` it has embeddings, too, drawn by
// the text. Drawing takes next to no CPU, so a benchmark measures its clients.

const { words, embeddings } = JSON.parse(process.argv[2] || '{}') as {
  words?: number;
  embeddings?: boolean;
};

const MODEL = 'answers-at-once';
const PROMPT_TOKENS = 250;

const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const route = `${request.method} ${request.url}`;
  if (route === 'GET /v1/models') {
    sendJson(response, 200, { object: 'list', data: [{ id: MODEL, object: 'model' }] });
  } else if (route === 'POST /v1/chat/completions') {
    const { messages, stream: isStream } = await bodyOf(request);
    const prompt = messages.at(-1).content;
    const tokens = words === undefined ? answerTo(prompt) : drawnWords(prompt, words);
    if (isStream) stream(response, tokens);
    else sendJson(response, 200, wholeAnswer(tokens));
  } else if (embeddings && route === 'POST /v1/embeddings') {
    const { input, model, dimensions = DIMENSIONS, encoding_format } = await bodyOf(request);
    const data = [input].flat().map((text: string, index) => {
      const vector = drawnVector(text, dimensions);
      const embedding = encoding_format === 'base64' ? base64Of(vector) : Array.from(vector);
      return { object: 'embedding', index, embedding };
    });
    sendJson(response, 200, { object: 'list', data, model, usage: { prompt_tokens: 1, total_tokens: 1 } });
  } else {
    request.resume();
    sendJson(response, 404, {
      error: { message: `${route} is not served by this benchmark's model server` },
    });
  }
};

const bodyOf = async (request: IncomingMessage) =>
  JSON.parse(Buffer.concat(await request.toArray()).toString());

const base64Of = ({ buffer }: Float32Array): string => Buffer.from(buffer).toString('base64');

const sendJson = (response: ServerResponse, status: number, body: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const usageOf = (tokens: string[]) => ({
  prompt_tokens: PROMPT_TOKENS,
  completion_tokens: tokens.length,
  total_tokens: PROMPT_TOKENS + tokens.length,
});

const wholeAnswer = (tokens: string[]) => ({
  ...{ id: 'chatcmpl-bench', object: 'chat.completion', created: 1, model: MODEL, usage: usageOf(tokens) },
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: tokens.join('') },
      finish_reason: 'stop',
      logprobs: null,
    },
  ],
});

const stream = (response: ServerResponse, tokens: string[]): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  const chunks = [
    ...tokens.map((content) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })),
    { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    { choices: [], usage: usageOf(tokens) },
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
