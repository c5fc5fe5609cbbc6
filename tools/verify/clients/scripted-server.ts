import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isObject } from '../../../lib/json/value.ts';
import { listen } from '../../../local/http.ts';

type Json = Record<string, unknown>;
type Delta = { content: string } | { tool_calls: object[] };
type Answer = { deltas: Delta[]; finish: 'stop' | 'tool_calls' };

export const SCRIPTED_MODEL = 'scripted';
const TEXT = ['Vector ', 'databases ', 'compare ', 'vectors.'];
const PIECE = 6;

/**
 * A model server on 127.0.0.1 whose answers follow from the request alone: the value that a schema asks for; one call of
 * each tool in turn, one an answer, then a text; else always the same text. It has no embeddings.
 */
export const startScriptedServer = async () => {
  const { url, close } = await listen(createServer(answer), 0);
  return { url: `${url}/v1`, close };
};

const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (request.url === '/v1/models') {
    sendJson(response, 200, { object: 'list', data: [{ id: SCRIPTED_MODEL, object: 'model' }] });
    return;
  }
  if (request.url !== '/v1/chat/completions') {
    sendJson(response, 404, { error: { message: 'there is no such route', type: 'invalid_request_error' } });
    return;
  }
  let text = '';
  for await (const part of request) text += part;
  const body: Json = JSON.parse(text);
  if (body.stream === true) stream(response, body);
  else sendJson(response, 400, { error: { message: 'stream must be true', type: 'invalid_request_error' } });
};

const sendJson = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

const stream = (response: ServerResponse, body: Json): void => {
  const { deltas, finish } = answerTo(body);
  const event = (fields: object) =>
    response.write(
      `data: ${JSON.stringify({ id: 'chatcmpl-scripted', object: 'chat.completion.chunk', created: 1, model: SCRIPTED_MODEL, ...fields })}\n\n`,
    );
  const choice = (delta: object, finish_reason: string | null = null) =>
    event({ choices: [{ index: 0, delta, finish_reason }] });
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  choice({ role: 'assistant', content: null });
  for (const delta of deltas) choice(delta);
  choice({}, finish);
  const usage = { prompt_tokens: 9, completion_tokens: deltas.length, total_tokens: 9 + deltas.length };
  event({ choices: [], usage });
  response.end('data: [DONE]\n\n');
};

const answerTo = (body: Json): Answer => {
  const tools = listOf(body.tools).map((tool) => objectOf(tool.function));
  const chosen = nameIn(body.tool_choice);
  const done = answersSince(listOf(body.messages));
  const next = chosen === undefined ? tools[done] : tools.find(({ name }) => name === chosen);
  if (next && body.tool_choice !== 'none')
    return {
      deltas: callOf(String(next.name), valueFor(objectOf(next.parameters)), done),
      finish: chosen === undefined ? 'tool_calls' : 'stop',
    };
  const format = objectOf(body.response_format);
  const { schema } = objectOf(format.json_schema);
  const text = format.type === 'json_schema' ? cut(JSON.stringify(valueFor(objectOf(schema)))) : TEXT;
  return { deltas: text.map((content) => ({ content })), finish: 'stop' };
};

/** How many tools have answered since the last message of a user. */
const answersSince = (messages: Json[]): number =>
  messages
    .slice(messages.findLastIndex(({ role }) => role === 'user') + 1)
    .filter(({ role }) => role === 'tool').length;

const callOf = (name: string, value: unknown, turn: number): Delta[] => [
  {
    tool_calls: [{ index: 0, id: `call_${turn}`, type: 'function', function: { name, arguments: '' } }],
  },
  ...cut(JSON.stringify(value)).map((piece) => ({
    tool_calls: [{ index: 0, function: { arguments: piece } }],
  })),
];

const nameIn = (choice: unknown): unknown => objectOf(objectOf(choice).function).name;

/** A value of a schema with objects, texts and whole numbers. */
const valueFor = ({ type, properties }: Json): unknown => {
  if (type === 'integer' || type === 'number') return 42;
  if (type !== 'object') return 'Lima';
  const fields = Object.entries(objectOf(properties));
  return Object.fromEntries(fields.map(([name, property]) => [name, valueFor(objectOf(property))]));
};

const cut = (text: string): string[] => text.match(new RegExp(`.{1,${PIECE}}`, 'gsu')) ?? [];
const objectOf = (value: unknown): Json => (isObject(value) ? value : {});
const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
