import type OpenAI from 'openai';
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { chatCompletionSchema } from '../../../../lib/http/openai/chat-schemas.ts';
import type { RunListener } from '../../../../lib/lifecycle/outputs.ts';
import type { Trace } from '../../../../lib/runs/generation.ts';
import type { ToolCall } from '../../../../lib/runs/tool-call.ts';
import type { RunView } from '../../../../lib/runs/view.ts';
import { makeTrace } from '../../../factories/generation.ts';
import {
  answered,
  chunk,
  endsAs,
  makeChatApp,
  messages,
  model,
  readAll,
  tell,
} from '../../../fixtures/chat-app.ts';
import { deferred } from '../../../fixtures/http.ts';
import { begunRun, generationView, runView } from '../../../fixtures/run-view.ts';

const weather = { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } };
const tools = [{ type: 'function' as const, function: weather }];
const callOf = (id: string, city: string): ToolCall => ({
  ...{ id, type: 'function' },
  function: { name: 'weather', arguments: JSON.stringify({ city }) },
});
const bern = callOf('call_1', 'Bern');
const oslo = callOf('call_2', 'Oslo');
const asks = (calls: ToolCall[], text = ''): RunView =>
  runView({ generations: [generationView({ text, tool_calls: calls, finish_reason: 'tool_calls' })] });

/** Tells a call in pieces, as a server streams it. */
const tellCall = (
  listener: RunListener,
  call: number,
  { id, ...rest }: ToolCall,
  end = Number.POSITIVE_INFINITY,
) => {
  if (rest.type !== 'function') throw new Error('only functions are told');
  listener.onCall?.(0, { call, id, type: rest.type, name: rest.function.name });
  for (const text of (rest.function.arguments.match(/.{1,4}/g) ?? []).slice(0, end))
    listener.onChunk(0, chunk(text, { kind: 'tool', call }), 0);
};

/** The message that OpenAI's SDK joins of a stream. */
const joined = async (openai: OpenAI, request: object) => {
  const stream = openai.chat.completions.stream({ model, messages, tools, ...request });
  return (await stream.finalChatCompletion()).choices[0];
};

describe('a chat completion with tools', () => {
  test('has the calls of tools in OpenAI’s shape, with null for no text', async () => {
    const { openai, runs } = makeChatApp(() => endsAs(asks([bern, oslo])));
    const choice = { type: 'function' as const, function: { name: 'weather' } };
    const asked = { model, messages, tools, tool_choice: choice, parallel_tool_calls: true };
    const { choices } = chatCompletionSchema.parse(await openai.chat.completions.create(asked));
    expect(choices[0]).toMatchObject({
      message: { role: 'assistant', content: null, tool_calls: [bern, oslo] },
      finish_reason: 'tool_calls',
    });
    expect(runs[0]?.[0]).toMatchObject(asked);
  });

  test('has its text beside the calls', async () => {
    const { openai } = makeChatApp(() => endsAs(asks([bern], 'I look it up.')));
    const { choices } = await openai.chat.completions.create({ model, messages, tools });
    expect(choices[0]?.message).toMatchObject({ content: 'I look it up.', tool_calls: [bern] });
  });

  test('streams each call as it comes: its id and name, then its arguments', async () => {
    const { promise: done, resolve } = deferred<RunView>();
    let listener: RunListener | undefined;
    const { openai } = makeChatApp((own) => {
      listener = own;
      own.onCall?.(0, { call: 0, id: 'call_1', type: 'function', name: 'weather' });
      return { kind: 'started', run: begunRun(), done };
    });
    const stream = await openai.chat.completions.create({ model, messages, tools, stream: true });
    const chunks = stream[Symbol.asyncIterator]();
    const delta = async () => (await chunks.next()).value.choices[0].delta;
    expect(await delta()).toEqual({ role: 'assistant', content: null, refusal: null });
    expect(await delta()).toEqual({
      tool_calls: [
        { index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } },
      ],
    });
    listener?.onChunk(0, chunk('{"city":"Bern"}', { kind: 'tool', call: 0 }), 0);
    expect(await delta()).toEqual({
      tool_calls: [{ index: 0, function: { arguments: '{"city":"Bern"}' } }],
    });
    listener?.onFinish?.(0, { finishReason: 'tool_calls', model });
    expect((await chunks.next()).value.choices[0]).toMatchObject({ finish_reason: 'tool_calls' });
    resolve(asks([bern]));
    expect(await chunks.next()).toMatchObject({ done: true });
  });

  test('is joined by OpenAI’s SDK to the calls of the run, text and parallel calls included', async () => {
    const { openai } = makeChatApp((listener) => {
      tell(listener, 'I look ', 'it up.');
      tellCall(listener, 0, bern);
      tellCall(listener, 1, oslo);
      return endsAs(asks([bern, oslo], 'I look it up.'));
    });
    expect(await joined(openai, {})).toMatchObject({
      message: { content: 'I look it up.', tool_calls: [bern, oslo] },
      finish_reason: 'tool_calls',
    });
  });

  test('sends nothing of a call that broke off before the stream began', async () => {
    const { openai } = makeChatApp((listener) => {
      tellCall(listener, 0, oslo, 1);
      listener.onRestart(0, 2);
      tellCall(listener, 0, bern);
      return endsAs(asks([bern]));
    });
    expect((await joined(openai, {}))?.message.tool_calls).toMatchObject([bern]);
  });

  test('ends with an error when a call breaks off after it was sent, though no text was', async () => {
    const { promise: done } = deferred<RunView>();
    let listener: RunListener | undefined;
    const { openai } = makeChatApp((own) => {
      listener = own;
      tellCall(own, 0, bern, 1);
      return { kind: 'started', run: begunRun(), done };
    });
    const reading = readAll(await openai.chat.completions.create({ model, messages, tools, stream: true }));
    listener?.onRestart(0, 2);
    expect((await reading).error).toMatchObject({ code: 'incomplete_output' });
  });

  test('ends with an error when another worker committed other arguments than were sent', async () => {
    const { openai } = makeChatApp((listener) => {
      tellCall(listener, 0, bern);
      return endsAs(asks([callOf('call_1', 'Geneva')]));
    });
    const { error } = await readAll(
      await openai.chat.completions.create({ model, messages, tools, stream: true }),
    );
    expect(error).toMatchObject({ code: 'incomplete_output' });
  });

  test('is replayed with its calls, whole and streamed, with its trace and without', async () => {
    const trace: Trace = {
      ...makeTrace(null),
      chunks: [chunk('{"city":', { kind: 'tool', call: 0 }), chunk('"Bern"}', { kind: 'tool', call: 0 })],
    };
    for (const deps of [{ readTrace: async () => trace }, {}]) {
      const { openai } = makeChatApp(() => ({ kind: 'replayed', run: asks([bern]) }), deps);
      const whole = await openai.chat.completions.create({ model, messages, tools });
      expect(whole.choices[0]?.message).toMatchObject({ content: null, tool_calls: [bern] });
      expect((await joined(openai, {}))?.message).toMatchObject({ content: null, tool_calls: [bern] });
    }
  });

  test.each([false, true])('drives the SDK’s loop of tools to its answer (stream: %s)', async (stream) => {
    const answers = [asks([bern, oslo]), answered('Bern is cold, Oslo colder.')];
    const { openai, runs } = makeChatApp((listener) => {
      const run = answers[runs.length - 1] ?? answered('');
      tell(listener, run.generations[0]?.text ?? '');
      for (const [at, call] of (run.generations[0]?.tool_calls ?? []).entries()) tellCall(listener, at, call);
      return endsAs(run);
    });
    const cities: string[] = [];
    const asked = {
      ...{ model, messages },
      tools: [
        zodFunction({
          name: 'weather',
          parameters: z.object({ city: z.string() }),
          function: ({ city }) => {
            cities.push(city);
            return `${city}: 3 degrees`;
          },
        }),
      ],
    };
    const runner = stream
      ? openai.chat.completions.runTools({ ...asked, stream })
      : openai.chat.completions.runTools(asked);
    expect(await runner.finalContent()).toBe('Bern is cold, Oslo colder.');
    expect(cities).toEqual(['Bern', 'Oslo']);
    expect(runs[1]?.[0]).toMatchObject({
      messages: [
        ...messages,
        { role: 'assistant', content: '', tool_calls: [bern, oslo] },
        { role: 'tool', content: 'Bern: 3 degrees', tool_call_id: 'call_1' },
        { role: 'tool', content: 'Oslo: 3 degrees', tool_call_id: 'call_2' },
      ],
    });
  });

  test('is parsed by the SDK to the arguments of its tools', async () => {
    const { openai } = makeChatApp(() => endsAs(asks([bern])));
    const parameters = z.object({ city: z.string() });
    const answer = await openai.chat.completions.parse({
      ...{ model, messages },
      tools: [zodFunction({ name: 'weather', parameters })],
    });
    expect(answer.choices[0]?.message.tool_calls).toMatchObject([
      { id: 'call_1', function: { name: 'weather', parsed_arguments: { city: 'Bern' } } },
    ]);
  });
});

test('an answer in a schema is parsed by the SDK', async () => {
  const { openai } = makeChatApp(() => endsAs(answered('{"city":"Bern"}')));
  const answer = await openai.chat.completions.parse({
    ...{ model, messages },
    response_format: zodResponseFormat(z.object({ city: z.string() }), 'place'),
  });
  expect(answer.choices[0]?.message.parsed).toEqual({ city: 'Bern' });
});

describe('a chat completion with functions, the older form of tools', () => {
  const functions = [weather];

  test('is a run with tools, and answers with the one call', async () => {
    const { openai, runs } = makeChatApp(() => endsAs(asks([bern])));
    const asked = { model, messages, functions, function_call: { name: 'weather' } };
    const { choices } = await openai.chat.completions.create(asked);
    expect(choices[0]).toMatchObject({
      message: { content: null, function_call: { name: 'weather', arguments: '{"city":"Bern"}' } },
      finish_reason: 'function_call',
    });
    expect(choices[0]?.message).not.toHaveProperty('tool_calls');
    expect(runs[0]?.[0]).toMatchObject({
      ...{ model, messages, tools, parallel_tool_calls: false },
      tool_choice: { type: 'function', function: { name: 'weather' } },
    });
  });

  test('streams the call in that form', async () => {
    const { openai } = makeChatApp((listener) => {
      tellCall(listener, 0, bern);
      return endsAs(asks([bern]));
    });
    expect(await joined(openai, { tools: undefined, functions })).toMatchObject({
      message: { content: null, function_call: { name: 'weather', arguments: '{"city":"Bern"}' } },
      finish_reason: 'function_call',
    });
  });
});
