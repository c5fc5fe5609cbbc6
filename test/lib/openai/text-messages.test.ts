import { describe, expect, test } from 'vitest';
import { textMessages } from '../../../lib/openai/text-messages.ts';

const part = (text: string) => ({ type: 'text', text });

test('text parts are joined, a plain text is kept, and null fields are dropped', () => {
  const messages = [
    { role: 'user', content: [part('Explain '), part('nets.')] },
    { role: 'assistant', content: 'Layers.', refusal: null },
  ];
  expect(textMessages(messages, 'messages')).toEqual({
    messages: [
      { role: 'user', content: 'Explain nets.' },
      { role: 'assistant', content: 'Layers.' },
    ],
    issues: [],
  });
});

describe('an assistant’s message', () => {
  const answered = (fields: object) => textMessages([{ role: 'assistant', ...fields }], 'messages');

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

  test.each<[string, object]>([
    ['tool_calls', { tool_calls: [{ id: 'call_1', type: 'function' }] }],
    ['function_call', { function_call: { name: 'f', arguments: '' } }],
    ['audio', { audio: { id: 'audio_1' } }],
  ])('with %s is refused by its path', (name, fields) => {
    expect(answered({ content: null, ...fields }).issues.map(({ path }) => path)).toEqual([
      `messages.0.${name}`,
    ]);
  });

  test('keeps an unknown field, for the schema to refuse', () => {
    expect(answered({ content: 'x', contnt: 'y' }).messages).toEqual([
      { role: 'assistant', content: 'x', contnt: 'y' },
    ]);
  });
});

test('each part that is not text is an issue below the given path', () => {
  const content = [part('x'), { type: 'image_url' }, { type: 'text', text: 1 }, 'x'];
  const { issues } = textMessages([{ role: 'user', content }], 'body.messages');
  expect(issues.map(({ path }) => path)).toEqual([
    'body.messages.0.content.1',
    'body.messages.0.content.2',
    'body.messages.0.content.3',
  ]);
});

test.each([[undefined], [null], ['Explain.'], [{}], [[]]])(
  'messages must be a list with at least one entry, not %j',
  (messages) => {
    expect(textMessages(messages, 'messages')).toEqual({
      messages: [],
      issues: [{ path: 'messages', message: 'must be a list of messages' }],
    });
  },
);
