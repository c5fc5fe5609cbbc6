import { describe, expect, test } from 'vitest';
import { runMessages } from '../../../lib/openai/run-messages.ts';

const part = (text: string) => ({ type: 'text', text });

test('text parts are joined, a plain text is kept, and null fields are dropped', () => {
  const messages = [
    { role: 'user', content: [part('Explain '), part('nets.')] },
    { role: 'assistant', content: 'Layers.', refusal: null },
  ];
  expect(runMessages(messages, 'messages')).toEqual({
    messages: [
      { role: 'user', content: 'Explain nets.' },
      { role: 'assistant', content: 'Layers.' },
    ],
    issues: [],
  });
});

describe('an assistant’s message', () => {
  const answered = (fields: object) => runMessages([{ role: 'assistant', ...fields }], 'messages');

  test.each<[object, string]>([
    [{ content: 'Layers.', refusal: null, annotations: [], audio: null, tool_calls: [] }, 'Layers.'],
    [{ content: '{}', parsed: {}, function_call: null, reasoning_content: 'Hm.', reasoning: 'Hm.' }, '{}'],
    [{ content: '', refusal: null }, ''],
    [{ content: null }, ''],
    [{}, ''],
    [{ content: null, refusal: 'I will not.' }, 'I will not.'],
    [{ content: [part('Lay'), { type: 'refusal', refusal: 'ers.' }] }, 'Layers.'],
    [{ content: [] }, ''],
  ])('is taken as it was answered: %j', (fields, content) => {
    expect(answered(fields)).toEqual({ messages: [{ role: 'assistant', content }], issues: [] });
  });

  test('with audio is refused by its path', () => {
    const { issues } = answered({ content: null, audio: { id: 'audio_1' } });
    expect(issues.map(({ path }) => path)).toEqual(['messages.0.audio']);
  });

  test('keeps its calls of tools, without what SDKs add to them', () => {
    const called = { name: 'f', arguments: '{}' };
    const custom = { name: 'sh', input: 'ls' };
    const tool_calls = [
      { index: 0, id: 'a', type: 'function', function: { ...called, parsed_arguments: {} } },
      { id: 'b', function: called, custom: null },
      { id: 'c', type: 'custom', custom: { ...custom, extra: 1 } },
    ];
    expect(answered({ content: null, tool_calls })).toEqual({
      messages: [
        {
          role: 'assistant',
          content: '',
          tool_calls: [
            { id: 'a', type: 'function', function: called },
            { id: 'b', type: 'function', function: called },
            { id: 'c', type: 'custom', custom },
          ],
        },
      ],
      issues: [],
    });
  });

  test.each([['x'], [['x']], [[{ id: 'a', type: 'function', function: 'f' }]]])(
    'keeps calls of a wrong shape, for the schema to refuse: %j',
    (tool_calls) => {
      expect(answered({ content: 'x', tool_calls }).messages).toEqual([
        { role: 'assistant', content: 'x', tool_calls },
      ]);
    },
  );

  test('with a call of a function has it as a call of a tool', () => {
    const function_call = { name: 'f', arguments: '{}' };
    expect(answered({ content: null, function_call }).messages).toEqual([
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ id: 'call_0', type: 'function', function: function_call }],
      },
    ]);
  });

  test('keeps an unknown field, for the schema to refuse', () => {
    expect(answered({ content: 'x', contnt: 'y' }).messages).toEqual([
      { role: 'assistant', content: 'x', contnt: 'y' },
    ]);
  });
});

test('a tool’s message has its parts joined, and not the name that some programs give it', () => {
  const message = { role: 'tool', name: 'f', tool_call_id: 'a', content: [part('4'), part('2')] };
  expect(runMessages([message], 'messages')).toEqual({
    messages: [{ role: 'tool', tool_call_id: 'a', content: '42' }],
    issues: [],
  });
});

test('each part that is not text is an issue below the given path', () => {
  const content = [part('x'), { type: 'image_url' }, { type: 'text', text: 1 }, 'x'];
  const { issues } = runMessages([{ role: 'user', content }], 'body.messages');
  expect(issues.map(({ path }) => path)).toEqual([
    'body.messages.0.content.1',
    'body.messages.0.content.2',
    'body.messages.0.content.3',
  ]);
});

test.each([[undefined], [null], ['Explain.'], [{}], [[]]])(
  'messages must be a list with at least one entry, not %j',
  (messages) => {
    expect(runMessages(messages, 'messages')).toEqual({
      messages: [],
      issues: [{ path: 'messages', message: 'must be a list of messages' }],
    });
  },
);
