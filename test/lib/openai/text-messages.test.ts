import { expect, test } from 'vitest';
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
