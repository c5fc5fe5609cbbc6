import OpenAI, { BadRequestError } from 'openai';
import { zodFunction } from 'openai/helpers/zod';
import type { ChatCompletionMessageParam, ChatCompletionTool } from 'openai/resources/chat/completions';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { countTokens } from '../../../local/model/tokens.ts';
import type { Emissions } from '../../../local/openai/emissions.ts';
import { type LocalOpenai, localOpenai } from '../../fixtures/local-openai.ts';

let server: LocalOpenai;
let client: OpenAI;
beforeAll(async () => {
  server = await localOpenai();
  client = new OpenAI({ apiKey: server.apiKey, baseURL: server.url, maxRetries: 0 });
});

const model = 'everytoken-ngram';
const Weather = z.object({ city: z.string(), unit: z.enum(['celsius', 'fahrenheit']) });
const Order = z.object({ count: z.int().min(1).max(9), note: z.string().nullable() });
const tool = (name: string, parameters: z.ZodType): ChatCompletionTool => ({
  type: 'function',
  function: { name, strict: true, parameters: z.toJSONSchema(parameters) },
});
const tools = [tool('get_weather', Weather), tool('placeOrder', Order), tool('stop', z.object({}))];
const asked = (content: string): ChatCompletionMessageParam[] => [{ role: 'user', content }];
const ask = (content: string, more: object = {}) =>
  client.chat.completions.create({ model, messages: asked(content), tools, ...more });
const namesIn = (answer: Awaited<ReturnType<typeof ask>>): string[] =>
  (answer.choices[0]?.message.tool_calls ?? []).map((call) => ('function' in call ? call.function.name : ''));

describe('an answer that calls functions', () => {
  test('has arguments of the schema, ids of its own, no content, and counts the tokens of the arguments', async () => {
    const answer = await ask('What is the weather? Then order an umbrella.', { n: 3 });
    expect(answer.choices).toHaveLength(3);
    const calls = answer.choices.flatMap(({ message, finish_reason }) => {
      expect([message.content, finish_reason]).toEqual([null, 'tool_calls']);
      return (message.tool_calls ?? []).filter((call) => call.type === 'function');
    });
    expect(calls.map((call) => call.function.name)).toEqual(
      Array(3).fill(['get_weather', 'placeOrder']).flat(),
    );
    for (const [at, { function: called }] of calls.entries())
      (at % 2 === 0 ? Weather : Order).parse(JSON.parse(called.arguments));
    expect(new Set(calls.map(({ id }) => id)).size).toBe(6);
    expect(calls[0]?.id).toMatch(/^call_\w{24}$/);
    const emissions = await emissionsOf(answer.id);
    expect(emissions.writes.reduce((sum, write) => sum + write.tokens, 0)).toBe(
      answer.usage?.completion_tokens,
    );
  });

  test('opens each call in a stream, and sends its arguments token by token', async () => {
    const request = { model, messages: asked('The weather, and an order.'), tools, seed: 4 };
    const stream = await client.chat.completions.create({
      ...request,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    const [first] = chunks;
    expect(first?.choices[0]?.delta).toEqual({ role: 'assistant', content: null, refusal: null });
    const deltas = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    const openings = deltas.filter(({ id }) => id !== undefined);
    expect(openings).toEqual(
      ['get_weather', 'placeOrder'].map((name, index) => ({
        index,
        id: expect.stringMatching(/^call_/),
        type: 'function',
        function: { name, arguments: '' },
      })),
    );
    const pieces = deltas.filter(({ id }) => id === undefined);
    for (const piece of pieces) expect(Object.keys(piece)).toEqual(['index', 'function']);
    expect(pieces.length).toBe(chunks.at(-1)?.usage?.completion_tokens);
    expect((await emissionsOf(first?.id ?? '')).writes).toHaveLength(pieces.length);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('tool_calls');

    const whole = await client.chat.completions.create(request);
    const argumentsOf = (index: number) =>
      pieces.flatMap((piece) => (piece.index === index ? [piece.function?.arguments] : [])).join('');
    expect(whole.choices[0]?.message.tool_calls).toMatchObject(
      [0, 1].map((index) => ({ function: { arguments: argumentsOf(index) } })),
    );
  });

  test('is cut by max_tokens within the arguments, with the finish reason length', async () => {
    const answer = await ask('The weather, and an order.', { max_tokens: 4 });
    expect(answer.choices[0]?.finish_reason).toBe('length');
    expect(namesIn(answer)).toEqual(['get_weather']);
    expect(answer.usage?.completion_tokens).toBe(4);
  });

  test('has logprobs of the arguments', async () => {
    const { choices } = await ask('How is the weather?', { logprobs: true, top_logprobs: 2 });
    const [choice] = choices;
    const [call] = choice?.message.tool_calls ?? [];
    expect(choice?.logprobs?.content?.map(({ token }) => token).join('')).toBe(
      call?.type === 'function' ? call.function.arguments : undefined,
    );
  });

  test('calls a custom tool with a text, whole and streamed', async () => {
    const custom: ChatCompletionTool[] = [{ type: 'custom', custom: { name: 'write_note' } }];
    const request = { model, messages: asked('Write a note.'), tools: custom, seed: 2 };
    const whole = await client.chat.completions.create(request);
    expect(whole.choices).toMatchObject([
      {
        finish_reason: 'tool_calls',
        message: {
          tool_calls: [{ type: 'custom', custom: { name: 'write_note', input: expect.any(String) } }],
        },
      },
    ]);
    const [call] = whole.choices[0]?.message.tool_calls ?? [];
    const deltas = [];
    for await (const { choices } of await client.chat.completions.create({ ...request, stream: true }))
      deltas.push(...(choices[0]?.delta.tool_calls ?? []));
    const inputs = deltas.map((delta) =>
      'custom' in delta ? (delta.custom as { input: string }).input : '',
    );
    expect(inputs.join('')).toBe(call?.type === 'custom' ? call.custom.input : undefined);
    const answered: ChatCompletionMessageParam[] = [
      ...asked('Write a note.'),
      { role: 'assistant', tool_calls: call === undefined ? [] : [call] },
      { role: 'tool', tool_call_id: call?.id ?? '', content: 'written' },
    ];
    const next = await client.chat.completions.create({ ...request, messages: answered });
    expect(next.choices[0]?.finish_reason).toBe('stop');
  });

  test('calls a function without parameters with none', async () => {
    const bare: ChatCompletionTool[] = [{ type: 'function', function: { name: 'refresh' } }];
    const { choices } = await ask('Please refresh.', { tools: bare });
    expect(choices[0]?.message.tool_calls).toMatchObject([
      { function: { name: 'refresh', arguments: '{}' } },
    ]);
  });
});

const emissionsOf = async (id: string): Promise<Emissions> => {
  const headers = { authorization: `Bearer ${server.apiKey}` };
  const response = await fetch(new URL(`/emissions/${id}`, server.url), { headers });
  return (await response.json()) as Emissions;
};

describe('which functions are called', () => {
  test.each<[string, object, string[]]>([
    ['Is the WEATHER fine?', {}, ['get_weather']],
    ['Is the order ready?', {}, ['placeOrder']],
    ['An order for fine weather', {}, ['get_weather', 'placeOrder']],
    ['An order for fine weather', { parallel_tool_calls: false }, ['get_weather']],
    ['Please stop', {}, ['stop']],
    ['Please get it', {}, []],
    ['Is it weatherproof, orderly?', {}, []],
    ['The weather', { tool_choice: 'none' }, []],
    ['An order', { tool_choice: 'required' }, ['placeOrder']],
    ['Hello', { tool_choice: 'required' }, ['get_weather']],
    ['Hello', { tool_choice: { type: 'function', function: { name: 'placeOrder' } } }, ['placeOrder']],
    ['An order for fine weather', allowed('auto', 'placeOrder'), ['placeOrder']],
    ['Hello', allowed('auto', 'placeOrder'), []],
    ['Hello', allowed('required', 'placeOrder', 'stop'), ['placeOrder']],
  ])('%s, %j: %j', async (content, more, names) => {
    const answer = await ask(content, { max_tokens: 300, ...more });
    expect(namesIn(answer)).toEqual(names);
    if (names.length === 0) expect(answer.choices[0]?.message.content).not.toBe('');
  });

  test('a named choice finishes with stop, as at OpenAI', async () => {
    const choice = { type: 'function', function: { name: 'get_weather' } };
    const { choices } = await ask('Hello', { tool_choice: choice });
    expect(choices[0]?.finish_reason).toBe('stop');
  });

  test('an answer without calls may have a schema', async () => {
    const response_format = { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object' } } };
    const { choices } = await ask('Hello', { response_format });
    expect(choices[0]?.message.content).toBe('{}');
  });
});

function allowed(mode: string, ...names: string[]) {
  const functions = names.map((name) => ({ type: 'function', function: { name } }));
  return { tool_choice: { type: 'allowed_tools', allowed_tools: { mode, tools: functions } } };
}

describe('a conversation', () => {
  test('ends in a text about the last question, once the SDK’s runner has answered the calls', async () => {
    const seen: unknown[] = [];
    const runner = client.chat.completions.runTools({
      model,
      messages: asked('How is the weather near a vector database? Then order one.'),
      parallel_tool_calls: false,
      tools: [
        zodFunction({
          name: 'get_weather',
          parameters: Weather,
          function: (given: z.infer<typeof Weather>) => {
            seen.push(Weather.parse(given));
            return 'rain';
          },
        }),
        zodFunction({
          name: 'placeOrder',
          parameters: Order,
          function: (given: z.infer<typeof Order>) => {
            seen.push(Order.parse(given));
            return 'done';
          },
        }),
      ],
    });
    expect(await runner.finalContent()).toMatch(/vector|database|index|search/i);
    expect(seen).toHaveLength(2);
    expect(runner.messages.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'tool',
      'assistant',
      'tool',
      'assistant',
    ]);
  });

  test('is streamed with the SDK’s events of calls', async () => {
    const events: string[] = [];
    const stream = client.chat.completions
      .stream({
        model,
        messages: asked('The weather, please.'),
        tools: [zodFunction({ name: 'get_weather', parameters: Weather })],
      })
      .on('tool_calls.function.arguments.delta', ({ name }) => void events.push(name))
      .on('tool_calls.function.arguments.done', ({ parsed_arguments }) =>
        events.push(JSON.stringify(Weather.parse(parsed_arguments))),
      );
    const [call] = (await stream.finalChatCompletion()).choices[0]?.message.tool_calls ?? [];
    expect(events.at(0)).toBe('get_weather');
    expect(events.at(-1)).toBe(call?.type === 'function' ? call.function.arguments : undefined);
  });

  test('counts its texts, the names and arguments of calls, and the functions in the prompt', async () => {
    const messages: ChatCompletionMessageParam[] = [
      { role: 'user', content: 'The weather?' },
      {
        role: 'assistant',
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'get_weather', arguments: '{"x":1}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: 'rain' }] },
    ];
    const request = { model, messages, tools, max_tokens: 1 };
    const { usage, choices } = await client.chat.completions.create(request);
    const texts = ['The weather?', 'get_weather', '{"x":1}', 'rain', JSON.stringify(tools)];
    expect(usage?.prompt_tokens).toBe(texts.reduce((sum, text) => sum + countTokens(text), 0));
    expect(usage?.prompt_tokens).toBeLessThan(JSON.stringify(request).length);
    expect(choices[0]?.message.tool_calls).toBeUndefined();
  });

  const call = (id: string) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } });
  const calls = (...ids: string[]) => ({ role: 'assistant', tool_calls: ids.map(call) });
  const answerTo = (id: string) => ({ role: 'tool', tool_call_id: id, content: 'x' });
  test.each<[string, object[], string, string]>([
    [
      'an answer without a call',
      [answerTo('a')],
      'messages.[0].role',
      "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'",
    ],
    [
      'a call without an answer',
      [calls('a', 'b'), answerTo('a')],
      'messages.[1].role',
      'did not have response messages: b',
    ],
    [
      'a late answer',
      [calls('a'), { role: 'user', content: 'x' }, answerTo('a')],
      'messages.[1].role',
      'did not have response messages: a',
    ],
    [
      'an answer to another call',
      [calls('a'), answerTo('c')],
      'messages.[1].tool_call_id',
      "'tool_call_id' of 'c' not found in 'tool_calls' of previous message",
    ],
  ])('with %s is refused in OpenAI’s words', async (_, messages, param, message) => {
    const refused = client.chat.completions.create({ model, messages } as never);
    await expect(refused).rejects.toMatchObject({ status: 400, param, code: null });
    await expect(refused).rejects.toThrow(message);
  });
});

describe('invalid tools', () => {
  const grammarOnly = {
    tools: [{ type: 'custom', custom: { name: 'f', format: { type: 'grammar', grammar: {} } } }],
  };
  const named = (change: object) => ({ tools: [{ type: 'function', function: { name: 'f', ...change } }] });
  test.each<[object, string, string | null]>([
    [{ tools: [] }, 'tools', 'empty_array'],
    [{ tools: {} }, 'tools', 'invalid_type'],
    [{ tools: Array(129).fill(tools[0]) }, 'tools', 'array_above_max_length'],
    [{ tools: [{ type: 'web_search' }] }, 'tools[0].type', 'invalid_value'],
    [{ tools: [{ type: 'function', custom: { name: 'f' } }] }, 'tools[0].custom', 'unknown_parameter'],
    [grammarOnly, 'tools[0].custom.format.type', 'invalid_value'],
    [{ tools: [{ type: 'function' }] }, 'tools[0].function', 'missing_required_parameter'],
    [named({ name: 'a b' }), 'tools[0].function.name', 'invalid_value'],
    [named({ name: 'x'.repeat(65) }), 'tools[0].function.name', 'string_above_max_length'],
    [named({ strict: 'yes' }), 'tools[0].function.strict', 'invalid_type'],
    [named({ description: 7 }), 'tools[0].function.description', 'invalid_type'],
    [
      named({ parameters: { type: 'string' } }),
      'tools[0].function.parameters',
      'invalid_function_parameters',
    ],
    [{ tools: undefined, tool_choice: 'auto' }, 'tool_choice', 'invalid_value'],
    [{ tools: undefined, parallel_tool_calls: true }, 'parallel_tool_calls', 'invalid_value'],
    [{ tool_choice: 'any' }, 'tool_choice', 'invalid_value'],
    [{ tool_choice: 7 }, 'tool_choice', 'invalid_type'],
    [{ tool_choice: { type: 'function', function: { name: 'other' } } }, 'tool_choice', 'invalid_value'],
    [allowed('always', 'stop'), 'tool_choice.allowed_tools.mode', 'invalid_value'],
    [allowed('auto'), 'tool_choice.allowed_tools.tools', 'invalid_value'],
    [allowed('auto', 'other'), 'tool_choice.allowed_tools.tools[0]', 'invalid_value'],
    [{ parallel_tool_calls: 1 }, 'parallel_tool_calls', 'invalid_type'],
  ])('%j: %s', async (change, param, code) => {
    const error: unknown = await ask('Hello', change).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ param, code, type: 'invalid_request_error' });
  });
});
