import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CallPart, makeCalls } from '../../../../lib/adapters/openai/calls.ts';
import type { BegunCall, ToolCall } from '../../../../lib/runs/tool-call.ts';

const part = (own: Partial<CallPart>): CallPart => ({
  index: undefined,
  id: '',
  type: 'function',
  name: '',
  text: '',
  ...own,
});

/** Gathers parts as a reader does: each is taken, then its text is added. */
const gather = (parts: Partial<CallPart>[]) => {
  const begun: BegunCall[] = [];
  const calls = makeCalls((one) => begun.push(one));
  for (const one of parts.map(part)) calls.add(calls.take(one), one.text);
  return { calls: calls.list(), begun };
};

const call = (id: string, name: string, text: string): ToolCall => ({
  id,
  type: 'function',
  function: { name, arguments: text },
});

describe('the parts of calls of tools', () => {
  test('make calls again, however those are cut and interleaved', () => {
    const oneCall = fc.record({
      id: fc.uuid(),
      name: fc.string({ minLength: 1, maxLength: 8 }),
      texts: fc.array(fc.string({ minLength: 1, maxLength: 5 }), { maxLength: 5 }),
    });
    const drawn = fc.uniqueArray(oneCall, { maxLength: 5, selector: ({ id }) => id });
    fc.assert(
      fc.property(drawn, fc.infiniteStream(fc.nat()), fc.boolean(), (all, choices, repeatsId) => {
        const left = all.map(({ texts }) => [...texts]);
        const heads = all.map(({ id, name }, index) => ({ index, id, name }));
        const bodies: Partial<CallPart>[] = [];
        while (left.some((texts) => texts.length > 0)) {
          const open = left.flatMap((texts, index) => (texts.length > 0 ? [index] : []));
          const index = open[(choices.next().value ?? 0) % open.length] ?? 0;
          bodies.push({
            index,
            text: left[index]?.shift() ?? '',
            id: repeatsId ? (all[index]?.id ?? '') : '',
          });
        }
        const { calls, begun } = gather([...heads, ...bodies]);
        expect(calls).toEqual(all.map(({ id, name, texts }) => call(id, name, texts.join(''))));
        expect(begun).toEqual(
          all.map(({ id, name }, index) => ({ call: index, id, type: 'function', name })),
        );
      }),
    );
  });

  test.each([
    [
      'have no number',
      [
        { id: 'a', name: 'f', text: '{}' },
        { id: 'b', name: 'g', text: '[]' },
      ],
    ],
    [
      'all have the same number',
      [
        { index: 0, id: 'a', name: 'f', text: '{' },
        { index: 0, text: '}' },
        { index: 0, id: 'b', name: 'g', text: '[]' },
      ],
    ],
    [
      'have their id in each part and no number',
      [
        { id: 'a', name: 'f' },
        { id: 'a', text: '{}' },
        { id: 'b', name: 'g', text: '[' },
        { id: 'b', text: ']' },
      ],
    ],
  ])('are told apart where they %s', (_, parts) => {
    expect(gather(parts).calls).toEqual([call('a', 'f', '{}'), call('b', 'g', '[]')]);
  });

  test('of calls without an id get one each, and keep it', () => {
    const { calls, begun } = gather([{ name: 'f', text: '{' }, { text: '}' }, { name: 'g', text: '{}' }]);
    expect(calls).toMatchObject([
      { function: { name: 'f', arguments: '{}' } },
      { function: { name: 'g', arguments: '{}' } },
    ]);
    expect(begun.map(({ id }) => id)).toEqual(calls.map(({ id }) => id));
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
  });

  test('tell of a call again when its name comes after its first text', () => {
    const { begun } = gather([
      { index: 0, id: 'a', text: '{' },
      { index: 0, name: 'f' },
      { index: 0, text: '}' },
    ]);
    expect(begun).toEqual([
      { call: 0, id: 'a', type: 'function', name: '' },
      { call: 0, id: 'a', type: 'function', name: 'f' },
    ]);
  });

  test('may call a custom tool', () => {
    expect(gather([{ index: 0, id: 'a', type: 'custom', name: 'sql', text: 'select 1' }]).calls).toEqual([
      { id: 'a', type: 'custom', custom: { name: 'sql', input: 'select 1' } },
    ]);
  });
});
