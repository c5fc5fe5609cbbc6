import OpenAI from 'openai';
import { zodResponsesFunction } from 'openai/helpers/zod';
import type {
  ResponseInput,
  ResponseOutputItem,
  ResponseStreamEvent,
  Tool,
} from 'openai/resources/responses/responses';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { countTokens } from '../../../../local/model/tokens.ts';
import { type LocalOpenai, localOpenai } from '../../../fixtures/local-openai.ts';

let server: LocalOpenai;
let client: OpenAI;
beforeAll(async () => {
  server = await localOpenai();
  client = new OpenAI({ apiKey: server.apiKey, baseURL: server.url, maxRetries: 0 });
});

const model = 'everytoken-ngram';
const Weather = z.object({ city: z.string(), unit: z.enum(['celsius', 'fahrenheit']) });
const weather = zodResponsesFunction({ name: 'get_weather', parameters: Weather });
const note: Tool = { type: 'custom', name: 'write_note', description: 'Writes a note.' };
const tools: Tool[] = [weather, note];
const ask = (input: string | ResponseInput, more: object = {}) =>
  client.responses.create({ model, input, tools, ...more });
const namesIn = (output: readonly ResponseOutputItem[]): string[] =>
  output.map((item) => ('name' in item && typeof item.name === 'string' ? item.name : item.type));

describe('a response with calls', () => {
  test('has an item each: a function with arguments of its schema, a custom tool with text', async () => {
    const answer = await ask('What is the weather? Then write a note.');
    expect(answer.output).toEqual([
      {
        id: expect.stringMatching(/^fc_\w{32}$/),
        type: 'function_call',
        status: 'completed',
        call_id: expect.stringMatching(/^call_\w{24}$/),
        name: 'get_weather',
        arguments: expect.any(String),
      },
      {
        id: expect.stringMatching(/^ctc_\w{32}$/),
        type: 'custom_tool_call',
        status: 'completed',
        call_id: expect.stringMatching(/^call_\w{24}$/),
        name: 'write_note',
        input: expect.stringMatching(/\w/),
      },
    ]);
    const [call] = answer.output;
    Weather.parse(JSON.parse(call?.type === 'function_call' ? call.arguments : ''));
    expect(answer.tools).toMatchObject([{ type: 'function', strict: true }, note]);
    expect(answer.output_text).toBe('');
  });

  test('is streamed as the events of each call in turn, with its input token by token', async () => {
    const request = {
      model,
      tools,
      input: 'The weather, and a note.',
      include: ['message.output_text.logprobs' as const],
    };
    const stream = await client.responses.create({ ...request, stream: true });
    const events: ResponseStreamEvent[] = [];
    for await (const event of stream) events.push(event);
    const types = events.map(({ type }) => type);
    expect(types.filter((type, at) => type !== types[at - 1])).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.custom_tool_call_input.delta',
      'response.custom_tool_call_input.done',
      'response.output_item.done',
      'response.completed',
    ]);
    const last = events.at(-1);
    const output = last?.type === 'response.completed' ? last.response.output : [];
    const textOf = (index: number): string =>
      events
        .map((event) =>
          'delta' in event && 'output_index' in event && event.output_index === index ? event.delta : '',
        )
        .join('');
    expect(output).toMatchObject([{ arguments: textOf(0) }, { input: textOf(1) }]);
    for (const event of events) {
      if (event.type === 'response.output_item.added')
        expect(event.item).toMatchObject({ id: output[event.output_index]?.id, status: 'in_progress' });
      if (event.type === 'response.output_item.done') expect(event.item).toEqual(output[event.output_index]);
    }
  });

  test('ends incomplete within a call that max_output_tokens cuts', async () => {
    const { status, output } = await ask('The weather, and a note.', { max_output_tokens: 40, seed: 1 });
    expect(status).toBe('incomplete');
    expect(output.at(-1)).toMatchObject({ status: 'incomplete' });
  });
});

describe('which tools are called', () => {
  const chosen = (...names: string[]) => ({
    tool_choice: {
      type: 'allowed_tools',
      mode: 'required',
      tools: names.map((name) => ({ type: name === 'write_note' ? 'custom' : 'function', name })),
    },
  });
  test.each<[string, object, string[]]>([
    ['Is the WEATHER fine?', {}, ['get_weather']],
    ['The weather and a note', { parallel_tool_calls: false }, ['get_weather']],
    ['The weather', { tool_choice: 'none' }, ['message']],
    ['Hello', {}, ['message']],
    ['Hello', { tool_choice: 'required' }, ['get_weather']],
    ['Hello', { tool_choice: { type: 'function', name: 'get_weather' } }, ['get_weather']],
    ['Hello', { tool_choice: { type: 'custom', name: 'write_note' } }, ['write_note']],
    ['The weather', chosen('write_note'), ['write_note']],
    ['Hello', { tools: [], tool_choice: 'auto', parallel_tool_calls: true }, ['message']],
  ])('%s, %j: %j', async (input, more, names) => {
    const { output } = await ask(input, { max_output_tokens: 300, ...more });
    expect(namesIn(output)).toEqual(names);
  });
});

describe('a loop of calls and outputs', () => {
  test('ends in a text about the question, and counts all turns as input', async () => {
    const input: ResponseInput = [{ role: 'user', content: 'Weather near a vector database? And a note.' }];
    const turns: string[][] = [];
    for (;;) {
      const { output, output_text, usage } = await client.responses.create({
        model,
        input,
        tools,
        parallel_tool_calls: false,
      });
      turns.push(namesIn(output));
      input.push(...(output as ResponseInput));
      const call = output.find((item) => 'call_id' in item);
      if (call?.type === 'function_call')
        input.push({ type: 'function_call_output', call_id: call.call_id, output: 'rain' });
      else if (call?.type === 'custom_tool_call')
        input.push({
          type: 'custom_tool_call_output',
          call_id: call.call_id,
          output: [{ type: 'input_text', text: 'written' }],
        });
      else {
        expect(output_text).toMatch(/vector|database|index|search/i);
        expect(usage?.input_tokens).toBeGreaterThan(
          ['Weather near a vector database? And a note.', 'rain', 'written', JSON.stringify(tools)].reduce(
            (sum, text) => sum + countTokens(text),
            0,
          ),
        );
        break;
      }
    }
    expect(turns).toEqual([['get_weather'], ['write_note'], ['message']]);
  });

  test('is streamed and parsed by the SDK', async () => {
    const stream = client.responses.stream({ model, input: 'The weather, please.', tools: [weather] });
    const { output } = await stream.finalResponse();
    const [call] = output;
    Weather.parse(call?.type === 'function_call' ? call.parsed_arguments : undefined);
  });
});
