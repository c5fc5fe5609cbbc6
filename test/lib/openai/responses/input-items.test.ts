import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readInput, referencedRuns } from '../../../../lib/openai/responses/input-items.ts';
import { inputItemsOf } from '../../../../lib/openai/responses/item-list.ts';
import type { Message } from '../../../../lib/runs/request.ts';
import { makeToolCall } from '../../../../lib/runs/tool-call.ts';

const RUN = 'run_00000000000000000000000000';
const call = (id: string, type: 'function' | 'custom' = 'function') =>
  makeToolCall({ id, type, name: 'f', text: '{}' });
const asItem = (id: string) => ({ type: 'function_call', call_id: id, name: 'f', arguments: '{}' });

describe('the input of a response', () => {
  test('that is a text is a message of the user', () => {
    expect(readInput('Hi')).toMatchObject({ messages: [{ role: 'user', content: 'Hi' }], issues: [] });
  });

  test('joins the parts of a message, and leaves out fields that servers add', () => {
    const content = [
      { type: 'output_text', text: 'a', annotations: [], logprobs: [] },
      { type: 'refusal', refusal: 'b' },
    ];
    const input = [
      { role: 'developer', content: [{ type: 'input_text', text: 'x' }] },
      { type: 'message', id: 'msg_1', status: 'completed', phase: null, role: 'assistant', content },
    ];
    expect(readInput(input)).toMatchObject({
      messages: [
        { role: 'developer', content: 'x' },
        { role: 'assistant', content: 'ab' },
      ],
      issues: [],
    });
  });

  test('has the items of one answer in one message, so that outputs follow its calls', () => {
    const text = { role: 'assistant', content: 'I look.' };
    const reasoning = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'g' };
    const input = [reasoning, text, asItem('a'), { ...reasoning, id: 'rs_2' }, asItem('b')];
    const output = {
      type: 'function_call_output',
      call_id: 'a',
      output: [{ type: 'input_text', text: '1' }],
    };
    expect(readInput([...input, output]).messages).toEqual([
      {
        ...{ role: 'assistant', content: 'I look.', tool_calls: [call('a'), call('b')] },
        reasoning: ['rs_1', 'rs_2'].map((id) => ({ id, summary: [], encrypted_content: 'g' })),
      },
      { role: 'tool', content: '1', tool_call_id: 'a' },
    ]);
  });

  test('leaves out reasoning that shows what a server of chat completions thought', () => {
    const thought = { type: 'reasoning', id: `rs_${RUN}_0`, summary: [], content: [] };
    expect(readInput([thought, { role: 'user', content: 'Hi' }]).messages).toHaveLength(1);
  });

  test.each<[unknown, string]>([
    [undefined, 'input'],
    [[], 'input'],
    [7, 'input'],
    [['Hi'], 'input.0'],
    [[{ role: 'tool', content: 'x' }], 'input.0.role'],
    [[{ role: 'user' }], 'input.0.content'],
    [[{ role: 'user', content: [{ type: 'input_image', image_url: 'x' }] }], 'input.0.content.0'],
    [[{ role: 'user', content: [{ type: 'input_file', file_id: 'x' }] }], 'input.0.content.0'],
    [[{ ...asItem('a'), name: '' }], 'input.0.name'],
    [[{ ...asItem('a'), arguments: {} }], 'input.0.arguments'],
    [[{ type: 'function_call_output', output: 'x' }], 'input.0.call_id'],
    [[{ type: 'reasoning', summary: [] }], 'input.0.id'],
    [[{ type: 'reasoning', id: 'rs', summary: [{}] }], 'input.0.summary.0'],
    [[{ type: 'web_search_call', id: 'ws' }], 'input.0.type'],
    [[{ type: 'item_reference', id: 'msg_1' }], 'input.0.id'],
  ])('that is %j is refused at %s', (input, path) => {
    expect(readInput(input).issues.map((issue) => issue.path)).toEqual([path]);
  });

  test('names the runs of its references, each once', () => {
    const references = [`msg_${RUN}_0`, `fc_${RUN}_1`, 'rs_of_a_server'].map((id) => ({
      type: 'item_reference',
      id,
    }));
    expect(referencedRuns([...references, { id: `msg_${RUN}_2` }, { role: 'user', content: 'x' }])).toEqual([
      RUN,
    ]);
    expect(referencedRuns('Hi')).toEqual([]);
  });
});

const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 });
const callId = fc.uuid();
const answer = fc
  .record({
    content: fc.option(words, { nil: '' }),
    calls: fc.array(fc.tuple(callId, fc.constantFrom('function' as const, 'custom' as const), words), {
      maxLength: 3,
    }),
    reasoning: fc.array(fc.record({ id: fc.uuid(), summary: fc.array(words, { maxLength: 2 }) }), {
      maxLength: 2,
    }),
  })
  .filter(({ content, calls }) => content !== '' || calls.length > 0)
  .map(({ content, calls, reasoning }): Message[] => [
    {
      ...{ role: 'assistant', content },
      ...(calls.length > 0 && {
        tool_calls: calls.map(([id, type, text]) => makeToolCall({ id, type, name: 'f', text })),
      }),
      ...(reasoning.length > 0 && { reasoning }),
    },
    ...calls.map(([id, , text]): Message => ({ role: 'tool', content: text, tool_call_id: id })),
  ]);
const asked = words.map((content): Message => ({ role: 'user', content }));
const conversations = fc
  .array(fc.tuple(asked, answer), { minLength: 1, maxLength: 4 })
  .map((turns) => turns.flatMap(([first, rest]) => [first, ...rest]));

test('items of any conversation are read back as its messages', () => {
  fc.assert(
    fc.property(conversations, (messages) => {
      const { origins, ...read } = readInput(inputItemsOf(RUN, messages));
      expect(read).toEqual({ messages, issues: [] });
      expect([...origins.keys()]).toEqual(messages);
    }),
  );
});

test('every item has an id of its own', () => {
  fc.assert(
    fc.property(conversations, (messages) => {
      const ids = inputItemsOf(RUN, messages).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    }),
  );
});
