import { describe, expect, test } from 'vitest';
import { payloadsOf } from '../../../../lib/adapters/openai/payloads.ts';

const NONE = { content: '', reasoning: '', refusal: '', calls: [] };

describe('the payloads of a choice', () => {
  test.each([
    ['a string', 'Hi', { content: 'Hi' }],
    ['a number', 42, { content: '42' }],
    ['zero', 0, { content: '0' }],
    [
      'text parts',
      [
        { type: 'text', text: 'H' },
        { type: 'text', text: 'i' },
      ],
      { content: 'Hi' },
    ],
    ['strings and numbers in a list', ['a', 1, 'b'], { content: 'a1b' }],
    ['one part', { type: 'text', text: 'Hi' }, { content: 'Hi' }],
    ['a text with a value', { text: { value: 'Hi', annotations: [] } }, { content: 'Hi' }],
    ['an output text', [{ type: 'output_text', text: 'Hi' }], { content: 'Hi' }],
    ['parts of parts', { parts: [{ text: 'H' }, { text: 'i' }] }, { content: 'Hi' }],
    [
      'thinking as a list, then text',
      [
        { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
        { type: 'text', text: 'Hi' },
      ],
      { reasoning: 'hm', content: 'Hi' },
    ],
    ['thinking as text', [{ type: 'thinking', thinking: 'hm' }], { reasoning: 'hm' }],
    [
      'a thought before text',
      [{ text: 'hm', thought: true }, { text: 'Hi' }],
      { reasoning: 'hm', content: 'Hi' },
    ],
    ['thinking under the name text', [{ type: 'reasoning', text: 'hm' }], { reasoning: 'hm' }],
    ['a reference before text', [{ type: 'reference', reference_ids: [1] }, 'Hi'], { content: 'Hi' }],
    ['an image', [{ type: 'image_url', image_url: { url: 'x' } }], {}],
    ['a refusal part', [{ type: 'refusal', refusal: 'no' }], { refusal: 'no' }],
    ['null', null, {}],
    ['an empty list', [], {}],
    ['an empty part', [{ type: 'text', text: '' }], {}],
  ])('reads content that is %s', (_, content, expected) => {
    for (const choice of [{ delta: { content } }, { message: { content } }, { text: content }])
      expect(payloadsOf(choice)).toMatchObject({ ...NONE, ...expected, hasUnread: false });
  });

  test.each([
    [{ reasoning_content: 'hm' }],
    [{ reasoning: 'hm' }],
    [{ thinking: 'hm' }],
    [{ reasoning_content: ['h', { text: 'm' }] }],
    [{ reasoning: 'hm', reasoning_content: 'hm', reasoning_details: [{ text: 'hm' }] }],
    [{ reasoning_details: [{ type: 'reasoning.text', text: 'hm' }] }],
    [{ reasoning_details: [{ type: 'reasoning.summary', summary: 'hm' }] }],
  ])('reads the reasoning of %j once', (fields) => {
    expect(payloadsOf({ delta: { content: '', ...fields } })).toMatchObject({ ...NONE, reasoning: 'hm' });
    expect(payloadsOf({ message: fields })).toMatchObject({ ...NONE, reasoning: 'hm', isMessage: true });
  });

  test('reads a message or a text only where the delta has nothing', () => {
    const both = { delta: { content: 'a' }, message: { content: 'ab' }, text: 'a' };
    expect(payloadsOf(both)).toMatchObject({ content: 'a', isMessage: false });
    expect(payloadsOf({ delta: {}, text: 'a' })).toMatchObject({ content: 'a' });
    expect(payloadsOf({ delta: null, message: 'a' })).toMatchObject({ content: 'a', isMessage: true });
    expect(payloadsOf({ delta: { text: 'a' } })).toMatchObject({ content: 'a' });
    expect(payloadsOf({ delta: 'a' })).toMatchObject({ content: 'a' });
  });

  test.each([
    [
      'parts of several calls',
      [
        { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{"a"' } },
        { index: 1, function: { arguments: ':1}' } },
      ],
      [
        { index: 0, id: 'a', name: 'f', text: '{"a"' },
        { index: 1, id: '', name: '', text: ':1}' },
      ],
    ],
    ['arguments as an object', [{ function: { arguments: { a: 1 } } }], [{ text: '{"a":1}' }]],
    ['arguments as a list', [{ function: { name: 'f', arguments: [1, 'a'] } }], [{ text: '[1,"a"]' }]],
    ['arguments as a number', [{ function: { name: 'f', arguments: 5 } }], [{ text: '5' }]],
    ['one call outside a list', { function: { arguments: '{}' } }, [{ text: '{}' }]],
    ['a call without arguments', [{ function: { name: 'now' } }], [{ name: 'now', text: '' }]],
    [
      'a custom tool',
      [{ id: 'a', type: 'custom', custom: { name: 'sql', input: 'select 1' } }],
      [{ type: 'custom', name: 'sql', text: 'select 1' }],
    ],
  ])('reads tool calls: %s', (_, tool_calls, calls) => {
    for (const choice of [{ delta: { tool_calls } }, { message: { tool_calls } }])
      expect(payloadsOf(choice)).toMatchObject({ ...NONE, calls });
  });

  test.each([
    ['a list of null', [null]],
    ['an empty object', {}],
    ['a word', 'none'],
    ['true', true],
    ['a number without a call', [{ index: 0, type: 'function', function: { name: null, arguments: null } }]],
  ])('takes tool calls for none that name no call: %s', (_, tool_calls) => {
    for (const choice of [{ delta: { tool_calls } }, { message: { tool_calls } }])
      expect(payloadsOf(choice)).toMatchObject({ ...NONE, calls: [] });
  });

  test('reads the call of an earlier version of the API', () => {
    expect(payloadsOf({ delta: { function_call: { name: 'f', arguments: '{}' } } })).toMatchObject({
      calls: [{ index: 0, type: 'function', name: 'f', text: '{}' }],
    });
  });

  test.each([
    ['a part without a text', [{ type: 'hologram', rays: 'x' }]],
    ['an object', { a: { b: 'c' } }],
    ['true', true],
    ['parts nested too deep', JSON.parse(`${'['.repeat(30)}{"text":"a"}${']'.repeat(30)}`)],
  ])('tells of content that has an unknown shape: %s', (_, content) => {
    expect(payloadsOf({ delta: { content } })).toMatchObject({ ...NONE, hasUnread: true });
  });
});
