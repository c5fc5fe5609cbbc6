import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ModelServer = {
  /** Ends in `/v1`. */
  url: string;
  /** `METHOD path` of every request. */
  seen: string[];
  close: () => Promise<void>;
};

type Options = {
  models?: string[];
  /** The size of its vectors; when left out, it has no embeddings. */
  dimensions?: number;
  /** The required key; when left out, any is accepted. */
  key?: string;
};

const words = ['Another', ' server', ' says', ' that', ' weights', ' are', ' numbers', '.'];

const json = (response: ServerResponse, status: number, body: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const bodyOf = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString() || '{}');
};

const streamChat = (response: ServerResponse, model: unknown): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const chunk = (choices: unknown[], usage: unknown = null) =>
    response.write(
      `data: ${JSON.stringify({ id: 'chatcmpl-other', object: 'chat.completion.chunk', model, choices, usage })}\n\n`,
    );
  for (const content of words) chunk([{ index: 0, delta: { content }, finish_reason: null }]);
  chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]);
  chunk([], { prompt_tokens: 4, completion_tokens: words.length, total_tokens: words.length + 4 });
  response.end('data: [DONE]\n\n');
};

/** A vector of the letters of a text: equal texts have equal vectors. */
const vectorOf = (text: string, dimensions: number): number[] => {
  const vector = new Array<number>(dimensions).fill(0.01);
  for (const letter of text) vector[(letter.codePointAt(0) ?? 0) % dimensions] = 1;
  return vector;
};

const embeddings = (input: unknown, dimensions: number, format: unknown) => {
  const texts = [input].flat().map(String);
  return texts.map((text, index) => {
    const vector = vectorOf(text, dimensions);
    const embedding =
      format === 'base64' ? Buffer.from(Float32Array.from(vector).buffer).toString('base64') : vector;
    return { object: 'embedding', index, embedding };
  });
};

/** A small server that speaks OpenAI's API and shares no code with the local one. */
export const startModelServer = async (options: Options = {}): Promise<ModelServer> => {
  const { models = ['other-chat'], dimensions, key } = options;
  const seen: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked = `${request.method} ${request.url}`;
    seen.push(asked);
    const body = await bodyOf(request);
    if (key !== undefined && request.headers.authorization !== `Bearer ${key}`) {
      return json(response, 401, {
        error: { message: 'Incorrect API key provided.', code: 'invalid_api_key' },
      });
    }
    if (asked === 'GET /v1/models') {
      return json(response, 200, { object: 'list', data: models.map((id) => ({ id, object: 'model' })) });
    }
    if (asked === 'POST /v1/chat/completions') return streamChat(response, body.model);
    if (asked === 'POST /v1/embeddings' && dimensions !== undefined) {
      const data = embeddings(body.input, dimensions, body.encoding_format);
      return json(response, 200, { object: 'list', model: body.model, data, usage: { prompt_tokens: 1 } });
    }
    return json(response, 404, { error: { message: `There is no ${asked}.` } });
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    seen,
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
