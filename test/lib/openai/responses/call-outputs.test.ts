import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placeOutputs } from '../../../../lib/openai/responses/call-outputs.ts';
import { readInput } from '../../../../lib/openai/responses/input-items.ts';
import type { Message } from '../../../../lib/runs/request.ts';

const user = { role: 'user', content: 'Well?' };
const call = (id: string) => ({ type: 'function_call', call_id: id, name: 'f', arguments: '{}' });
const output = (id: string) => ({ type: 'function_call_output', call_id: id, output: id });
const placed = (input: unknown) => {
  const { messages, origins } = readInput(input);
  return placeOutputs(messages, origins);
};
/** Each message as one word: the ids of its calls, or its role. */
const words = (messages: readonly Message[]): string[] =>
  messages.map(({ role, tool_calls, tool_call_id }) =>
    role === 'tool' ? `output ${tool_call_id}` : (tool_calls?.map(({ id }) => id).join() ?? role),
  );

describe('the outputs of calls', () => {
  test('follow their calls, whatever a client sends between them', () => {
    const { messages, issues } = placed([call('a'), call('b'), user, output('b'), output('a')]);
    expect(words(messages)).toEqual(['a,b', 'output b', 'output a', 'user']);
    expect(issues).toEqual([]);
  });

  test.each([
    ['an output without its call', [user, output('a')], 'input.1.call_id', /^No tool call found .* a$/],
    ['an output before its call', [output('a'), call('a')], 'input.0.call_id', /^No tool call found/],
    [
      'a call without its output',
      [user, call('a'), call('b'), output('a')],
      'input.2',
      /^No tool output .* b$/,
    ],
  ])('%s is refused at its item', (_name, input, path, message) => {
    expect(placed(input).issues[0]).toEqual({ path, message: expect.stringMatching(message) });
  });

  test('are missed at the input where the call is one of the conversation before', () => {
    const earlier = readInput([call('a')]).messages;
    expect(placeOutputs([...earlier, user], new Map()).issues).toEqual([
      { path: 'input', message: 'No tool output found for function call a' },
    ]);
  });

  test('are all kept, and every other message keeps its order', () => {
    const ids = fc.constantFrom('a', 'b', 'c');
    const item = fc.oneof(ids.map(call), ids.map(output), fc.constant(user));
    fc.assert(
      fc.property(fc.array(item), (input) => {
        const { messages, origins } = readInput(input);
        const { messages: after, issues } = placeOutputs(messages, origins);
        const others = (all: readonly Message[]) => all.filter(({ role }) => role !== 'tool');
        expect(others(after)).toEqual(others(messages));
        if (issues.length === 0) expect(new Set(after)).toEqual(new Set(messages));
      }),
    );
  });
});
