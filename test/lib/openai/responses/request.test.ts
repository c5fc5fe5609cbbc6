import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../lib/errors.ts';
import { readEarlier } from '../../../../lib/openai/responses/earlier.ts';
import { parseResponseRequest } from '../../../../lib/openai/responses/request.ts';

const user = { role: 'user', content: 'Hi' };
const call = { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' };
const output = { type: 'function_call_output', call_id: 'a', output: 'x' };
const lone = '\ud800';

const pathsRefused = (body: object, earlier?: Parameters<typeof parseResponseRequest>[1]): string[] => {
  try {
    parseResponseRequest(body, earlier);
    return [];
  } catch (error) {
    if (error instanceof InvalidInputError) return error.issues.map(({ path }) => path);
    throw error;
  }
};

describe('an error of a response’s request names the client’s own field', () => {
  test.each<[object, string]>([
    [{ input: lone }, 'input'],
    [{ input: [user, { ...user, content: lone }] }, 'input.1.content'],
    [{ input: [user, { ...call, arguments: lone }, output] }, 'input.1.arguments'],
    [{ input: [user, { ...call, name: 'f'.repeat(300) }, output] }, 'input.1.name'],
    [{ input: [user, call, { ...output, output: lone }] }, 'input.2.output'],
    [
      { input: [user, { type: 'reasoning', id: 'r', summary: [], encrypted_content: lone }] },
      'input.1.encrypted_content',
    ],
    [
      { input: [user, { role: 'assistant', content: 'a' }, { role: 'assistant', content: lone }] },
      'input.2.content',
    ],
    [{ input: [{ type: 'item_reference', id: 5 }] }, 'input.0.id'],
    [{ input: [user], instructions: lone }, 'instructions'],
    [{ input: 'Hi', n: 2 }, 'n'],
    [{ input: 'Hi', max_completion_tokens: 5 }, 'max_completion_tokens'],
    [{ input: 'Hi', extra_body: { input: 'x' } }, 'extra_body.input'],
  ])('%j: %s', (body, path) => {
    expect(pathsRefused(body)).toEqual([path]);
  });

  test('where the conversation before is too long with the input, too', () => {
    const messages = Array.from({ length: 1_000 }, () => user);
    expect(pathsRefused({ input: 'Hi' }, { messages, items: new Map() })).toEqual(['input']);
  });

  test.each([
    ['tools[0].function.parameters', 'tools.0.parameters'],
    ['tools[0].custom.format.grammar.syntax', 'tools.0.format.syntax'],
    ['tool_choice.function.name', 'tool_choice.name'],
    ['tool_choice.allowed_tools.tools[1].function.name', 'tool_choice.tools.1.name'],
    ['response_format.json_schema.schema', 'text.format.schema'],
    ['response_format', 'text.format'],
    ['max_completion_tokens', 'max_output_tokens'],
    ['reasoning_effort', 'reasoning.effort'],
    ['messages', 'input'],
    ['messages.[0].content', 'instructions'],
    ['messages[1].content', 'previous_response_id'],
    ['messages.[3].tool_calls[0].function.arguments', 'input.1.arguments'],
    ['messages.[4].tool_call_id', 'input.2.call_id'],
    ['input[2].content', 'input'],
    ['temperature', 'temperature'],
  ])('that a model server calls %s: %s', (ofServer, path) => {
    const body = { input: [user, call, output], instructions: 'Be short.', max_output_tokens: 5 };
    const { pathOf } = parseResponseRequest(body, { messages: [user], items: new Map() });
    expect(pathOf(ofServer)).toBe(path);
  });
});

test('null is no type of an item, so that the item is a message', () => {
  expect(pathsRefused({ input: [{ type: null, ...user }] })).toEqual([]);
});

test('a request refers to items of few responses, none of which is read where they are too many', async () => {
  const referenced = Array.from({ length: 201 }, (_, at) => `run_${at}`);
  const read = () => Promise.reject(new Error('it was read'));
  await expect(readEarlier({ previous: undefined, referenced }, read)).rejects.toThrow(/of at most 200/);
});
