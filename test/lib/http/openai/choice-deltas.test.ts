import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ChoicePart, makeChoiceDeltas, storedParts } from '../../../../lib/http/openai/choice-deltas.ts';
import type { TraceChunk } from '../../../../lib/runs/generation.ts';
import { calledWith, makeToolCall, type ToolCall } from '../../../../lib/runs/tool-call.ts';
import { makeTokenLogprob } from '../../../factories/generation.ts';
import { generationView } from '../../../fixtures/run-view.ts';

const chunk = (text: string, more: Partial<TraceChunk> = {}): TraceChunk => ({
  ...{ t_ms: 1, text, tokens: 1 },
  ...more,
});
const deltasOf = (parts: Iterable<ChoicePart>) => [...parts].map(({ delta }) => delta);
const search = makeToolCall({ id: 'call_a', type: 'function', name: 'search', text: '{"q":"x"}' });
const shell = makeToolCall({ id: 'call_b', type: 'custom', name: 'shell', text: 'ls' });

/** Joins the deltas of a choice as OpenAI's SDKs do. */
const join = (parts: Iterable<ChoicePart>) => {
  let text = '';
  const calls: { id: string; type: ToolCall['type']; name: string; text: string }[] = [];
  for (const { content, tool_calls = [] } of deltasOf(parts)) {
    text += content ?? '';
    for (const { index, id = '', type = 'function', function: called, custom } of tool_calls) {
      calls[index] ??= { id, type, name: '', text: '' };
      calls[index].name += called?.name ?? custom?.name ?? '';
      calls[index].text += called?.arguments ?? custom?.input ?? '';
    }
  }
  return { text, calls: calls.map(makeToolCall) };
};

test('a call is told first with its id, type and name, then with its arguments as they come', () => {
  const deltas = makeChoiceDeltas({ asFunctions: false });
  expect([
    deltas.call({ call: 0, id: 'call_a', type: 'function', name: 'search' }),
    deltas.text(chunk('{"q":', { kind: 'tool', call: 0 })),
    deltas.call({ call: 1, id: 'call_b', type: 'custom', name: 'shell' }),
    deltas.text(chunk('ls', { kind: 'tool', call: 1 })),
  ]).toEqual([
    {
      delta: {
        tool_calls: [
          { index: 0, id: 'call_a', type: 'function', function: { name: 'search', arguments: '' } },
        ],
      },
    },
    { delta: { tool_calls: [{ index: 0, function: { arguments: '{"q":' } }] } },
    {
      delta: {
        tool_calls: [{ index: 1, id: 'call_b', type: 'custom', custom: { name: 'shell', input: '' } }],
      },
    },
    { delta: { tool_calls: [{ index: 1, custom: { input: 'ls' } }] } },
  ]);
});

test('a name that comes after the arguments is told alone, so that a client does not join the id to itself', () => {
  const deltas = makeChoiceDeltas({ asFunctions: false });
  deltas.call({ call: 0, id: 'call_a', type: 'function', name: '' });
  expect(deltas.call({ call: 0, id: 'call_a', type: 'function', name: 'search' })).toEqual({
    delta: { tool_calls: [{ index: 0, function: { name: 'search' } }] },
  });
});

test('text and refusals have their log probabilities, and reasoning is not shown', () => {
  const deltas = makeChoiceDeltas({ asFunctions: false });
  const logprobs = [makeTokenLogprob('x')];
  expect([
    deltas.text(chunk('x', { logprobs })),
    deltas.text(chunk('x', { kind: 'refusal' })),
    deltas.text(chunk('x', { kind: 'reasoning' })),
  ]).toEqual([
    { delta: { content: 'x' }, logprobs: { content: logprobs, refusal: null } },
    { delta: { refusal: 'x' }, logprobs: null },
    undefined,
  ]);
});

test('with functions the first call is shown in their form, and no other', () => {
  const parts = storedParts(generationView({ text: '', tool_calls: [search, shell] }), undefined, {
    asFunctions: true,
  });
  expect(deltasOf(parts)).toEqual([
    { function_call: { name: 'search', arguments: '' } },
    { function_call: { arguments: '{"q":"x"}' } },
  ]);
});

test('parts are whole only if the committed output has the same text and calls', () => {
  const deltas = makeChoiceDeltas({ asFunctions: false });
  deltas.text(chunk('I look.'));
  deltas.call({ call: 0, id: 'call_a', type: 'function', name: 'search' });
  deltas.text(chunk('{"q":"x"}', { kind: 'tool', call: 0 }));
  const isWhole = (text: string, ...tool_calls: ToolCall[]) =>
    deltas.isWhole(generationView({ text, ...(tool_calls.length > 0 && { tool_calls }) }));
  expect(isWhole('I look.', search)).toBe(true);
  expect(isWhole('I look up.', search)).toBe(false);
  expect(isWhole('I look.')).toBe(false);
  expect(isWhole('I look.', search, shell)).toBe(false);
  const other = { name: 'search', text: '{"q":"xy"}' };
  expect(isWhole('I look.', makeToolCall({ id: 'call_a', type: 'function', ...other }))).toBe(false);
  expect(isWhole('I look.', makeToolCall({ id: 'call_c', type: 'function', ...calledWith(search) }))).toBe(
    false,
  );
  const unsaid = makeToolCall({ id: 'call_c', type: 'function', name: '', text: '' });
  expect(isWhole('I look.', search, unsaid)).toBe(true);
});

test('stored parts join to the output, with a trace however it is cut, and without one', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 12 });
  const call = fc.record({
    id: fc.uuid(),
    type: fc.constantFrom('function' as const, 'custom' as const),
    name: fc.string({ minLength: 1, maxLength: 5 }),
    text,
  });
  const pieces = (whole: string, size: number) =>
    [...whole].reduce<string[]>((all, each, at) => {
      if (at % size === 0) all.push('');
      return all.with(-1, (all.at(-1) ?? '') + each);
    }, []);
  fc.assert(
    fc.property(
      text,
      fc.array(call, { maxLength: 4 }),
      fc.integer({ min: 1, max: 5 }),
      (said, calls, size) => {
        const tool_calls = calls.map(makeToolCall);
        const generation = generationView({ text: said, ...(calls.length > 0 && { tool_calls }) });
        const trace = [
          ...pieces(said, size).map((each) => chunk(each)),
          ...calls.flatMap(({ text: given }, at) =>
            pieces(given, size).map((each) => chunk(each, { kind: 'tool', call: at })),
          ),
        ];
        for (const kept of [trace, undefined])
          expect(join(storedParts(generation, kept, { asFunctions: false }))).toEqual({
            text: said,
            calls: tool_calls,
          });
      },
    ),
  );
});
