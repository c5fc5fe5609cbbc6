import type { ResponseOutputItem } from 'openai/resources/responses/responses';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import { type EventType, eventSchemas, responseSchema } from '../fixtures/response-schemas.ts';

/** A server of the Responses API: sends the body to `POST /v1/responses`, or to a path below it. */
export type ResponsesServer = (body: object, path?: string) => Promise<Response>;

type Answer = z.infer<typeof responseSchema>;
type StreamEvent = { type: EventType; sequence_number: number } & Record<string, unknown>;

const user = (content: unknown) => ({ type: 'message', role: 'user', content });

const weatherTool = {
  type: 'function',
  name: 'get_weather',
  description: 'Tells the weather at a place.',
  parameters: {
    type: 'object',
    properties: { location: { type: 'string', description: 'A city and its state.' } },
    required: ['location'],
  },
};
const askingForWeather = { input: [user('How is the weather in San Francisco?')], tools: [weatherTool] };

const readWhole = async (answer: Response): Promise<Answer> => {
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    expect.stringMatching(/^application\/json/),
  ]);
  return responseSchema.parse(await answer.json());
};

/** Reads a stream: each event has a line with its type and one with its JSON, which its schema describes. */
const readEvents = async (answer: Response): Promise<StreamEvent[]> => {
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    expect.stringMatching(/^text\/event-stream/),
  ]);
  const blocks = (await answer.text())
    .split('\n\n')
    .filter((block) => block !== '' && !block.startsWith(':'));
  const sent = blocks.at(-1) === 'data: [DONE]' ? blocks.slice(0, -1) : blocks;
  return sent.map((block) => {
    const [, name = '', data = ''] = /^event: (.+)\ndata: (.+)$/.exec(block) ?? [];
    const event: StreamEvent = JSON.parse(data);
    expect(event.type).toBe(name);
    const checked = eventSchemas[event.type].safeParse(event);
    expect(checked.error?.issues ?? [], name).toEqual([]);
    return event;
  });
};

const textOf = (item: ResponseOutputItem): string => {
  if (item.type === 'message')
    return item.content.map((part) => (part.type === 'output_text' ? part.text : part.refusal)).join('');
  if (item.type === 'function_call') return item.arguments;
  return item.type === 'custom_tool_call' ? item.input : '';
};

/**
 * Checks the order of a stream's events: numbered from 0, the response's state first and last, each item between its
 * `added` and its `done`, with deltas that make up its text. Returns the response at the end.
 */
const checkStream = (events: readonly StreamEvent[]): Answer => {
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, at) => at));
  expect(events.slice(0, 2).map(({ type }) => type)).toEqual(['response.created', 'response.in_progress']);
  const ends = ['response.completed', 'response.incomplete', 'response.failed'];
  expect(events.filter(({ type }) => ends.includes(type))).toEqual(events.slice(-1));
  const last = responseSchema.parse(events.at(-1)?.response);
  expect(`response.${last.status}`).toBe(events.at(-1)?.type);

  const open = new Map<unknown, string>();
  const done: unknown[] = [];
  for (const event of events) {
    const { type, output_index, delta } = event;
    if (type === 'response.output_item.added') open.set(output_index, '');
    else if (type === 'response.output_item.done') {
      expect(textOf(event.item as ResponseOutputItem)).toBe(open.get(output_index));
      open.delete(output_index);
      done.push(event.item);
    } else if (output_index !== undefined) {
      expect(open.has(output_index), type).toBe(true);
      expect(event.item_id).toBe(last.output[Number(output_index)]?.id);
      const isOutput = /^response\.(output_text|refusal|function_call|custom_tool)/.test(type);
      if (isOutput) open.set(output_index, `${open.get(output_index)}${delta ?? ''}`);
    }
  }
  expect(open.size).toBe(0);
  expect(events.at(-1)?.response).toMatchObject({ output: done });
  return last;
};

const expectDone = ({ output, status }: Answer): void => {
  expect(output).not.toEqual([]);
  expect(status).toBe('completed');
};

/**
 * The cases of the open conformance suite of the Responses API (https://www.openresponses.org/compliance), each under
 * its name there, with the checks of its schemas. The suite's cases of WebSockets and compaction are left out: neither
 * server here has them.
 *
 * @param stores Whether the server keeps responses, so that a later request can continue one.
 */
export const describeOpenResponses = (
  connect: () => ResponsesServer,
  { model, stores }: { model: string; stores: boolean },
): void => {
  const ask = async (body: object) => readWhole(await connect()({ model, ...body }));
  const stream = async (body: object) => readEvents(await connect()({ model, stream: true, ...body }));

  test('basic-response: a message of a user gets an answer', async () => {
    expectDone(await ask({ input: [user('Say hello in three words.')] }));
  });

  test('streaming-response: the events of an answer come in order and make up the response', async () => {
    const events = await stream({ input: [user('Count to five.')] });
    expectDone(checkStream(events));
    expect(events.some(({ type }) => type === 'response.output_text.delta')).toBe(true);
  });

  test('system-prompt: a message of the system may precede that of the user', async () => {
    const system = { type: 'message', role: 'system', content: 'You are a pirate.' };
    expectDone(await ask({ input: [system, user('Say hello.')] }));
  });

  test('assistant-phase: earlier answers may be labelled with their phase', async () => {
    const said = (phase: string, content: string) => ({ type: 'message', role: 'assistant', phase, content });
    const input = [
      said('commentary', 'I look it up.'),
      said('final_answer', 'It is four.'),
      user('Repeat it.'),
    ];
    expectDone(await ask({ input }));
  });

  test('tool-calling: a function is called, and the answer repeats its definition', async () => {
    const { output, tools } = await ask(askingForWeather);
    expect(output.map(({ type }) => type)).toContain('function_call');
    expect(tools).toMatchObject([weatherTool]);
  });

  test('tool-calling-streaming: a call is opened, its arguments come piece by piece, and it is closed', async () => {
    const events = await stream(askingForWeather);
    expectDone(checkStream(events));
    const types = events.flatMap(({ type, item }) => {
      const kind = (item as { type?: string } | undefined)?.type;
      return kind === undefined || kind === 'function_call' ? [type] : [];
    });
    for (const type of [
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
    ])
      expect(types).toContain(type);
  });

  test('function-call-roundtrip: a call that a request names is answered, and the model goes on', async () => {
    const question = user('Use the weather tool for San Francisco.');
    const named = { type: 'function', name: 'get_weather' };
    const { output } = await ask({ input: [question], tools: [weatherTool], tool_choice: named });
    const call = output.find((item) => item.type === 'function_call');
    expect(JSON.parse(call?.arguments ?? '')).toBeTypeOf('object');
    const result = { type: 'function_call_output', call_id: call?.call_id, output: '{"celsius":18}' };
    expectDone(await ask({ input: [question, ...output, result], tools: [weatherTool] }));
  });

  test('multi-turn: a conversation may be sent as messages', async () => {
    const said = { type: 'message', role: 'assistant', content: 'Hello Alice!' };
    expectDone(await ask({ input: [user('My name is Alice.'), said, user('What is my name?')] }));
  });

  test('previous-response-id: a kept response is continued; any other is not found', async () => {
    const first = await ask({ input: 'Remember this word: papaya.' });
    const next = { model, previous_response_id: first.id, input: 'Which word?' };
    if (stores) {
      const answer = await ask(next);
      expectDone(answer);
      expect(answer.previous_response_id).toBe(first.id);
    }
    const unknown = stores ? { ...next, previous_response_id: 'resp_00000000000000000000000000' } : next;
    const refused = await connect()(unknown);
    expect([refused.status, await refused.json()]).toEqual([
      expect.toBeOneOf([400, 404]),
      { error: expect.objectContaining({ type: 'invalid_request_error', param: 'previous_response_id' }) },
    ]);
  });

  test.each([
    ['image-input', { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=' }],
    [
      'file-input',
      { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' },
    ],
  ])('%s: a part that these text models cannot read is refused by name', async (_, part) => {
    const input = [user([{ type: 'input_text', text: 'What is this?' }, part])];
    const refused = await connect()({ model, input });
    expect([refused.status, await refused.json()]).toEqual([
      400,
      { error: expect.objectContaining({ param: expect.stringMatching(/^input/) }) },
    ]);
  });

  test.each([
    ['file-search', { type: 'file_search', vector_store_ids: ['vs_1'] }],
    ['offline-web-search', { type: 'web_search', external_web_access: false }],
  ])('%s: a tool that a model server would run by itself is refused by name', async (_, tool) => {
    const refused = await connect()({
      model,
      input: 'Search.',
      tools: [tool],
      tool_choice: { type: tool.type },
    });
    expect([refused.status, await refused.json()]).toEqual([
      400,
      { error: expect.objectContaining({ param: expect.stringMatching(/^tool(s|_choice)/) }) },
    ]);
  });
};
