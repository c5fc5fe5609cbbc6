import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeCharacterJoiner } from '../../../../lib/adapters/openai/characters.ts';

/** Joins the payloads of one source, as they come at the instants 1, 2, 3 … */
const join = (...payloads: string[]) => {
  const joiner = makeCharacterJoiner();
  const joined = payloads.map((payload, at) => joiner.join(payload, undefined, at + 1));
  return { joined, rest: joiner.rest(), replaced: joiner.replaced };
};

describe('halves of characters', () => {
  test('wait for the next payload, which gets the character', () => {
    expect(join('a\ud83d', '\ude80b')).toEqual({ joined: ['a', '🚀b'], rest: [], replaced: false });
    expect(join('\ud83d', '', '\ude80')).toEqual({ joined: ['', '', '🚀'], rest: [], replaced: false });
  });

  test('become U+FFFD without the other half', () => {
    expect(join('Hi \ud83d there')).toEqual({ joined: ['Hi \ufffd there'], rest: [], replaced: true });
    expect(join('a\ud83d', 'b')).toEqual({ joined: ['a', '\ufffdb'], rest: [], replaced: true });
    expect(join('\ude80')).toEqual({ joined: ['\ufffd'], rest: [], replaced: true });
    expect(join('a', 'b\ud83d')).toEqual({ joined: ['a', 'b'], rest: [[undefined, 2]], replaced: true });
  });

  test('wait for a payload of the same kind', () => {
    const joiner = makeCharacterJoiner();
    const joined = [
      joiner.join('\ud83d', undefined, 1),
      joiner.join('hm', 'reasoning', 2),
      joiner.join('\ude80', undefined, 3),
    ];
    expect([joined, joiner.replaced]).toEqual([['', 'hm', '🚀'], false]);
  });

  test('wait for a payload of the same call of a tool', () => {
    const joiner = makeCharacterJoiner();
    const joined = [joiner.join('\ud83d', 0, 1), joiner.join('{}', 1, 2), joiner.join('\ude80', 0, 3)];
    expect([joined, joiner.replaced]).toEqual([['', '{}', '🚀'], false]);
  });

  test('of any text, cut between any two code units, give the text again', () => {
    const texts = fc.string({ unit: 'grapheme', maxLength: 30 });
    fc.assert(
      fc.property(texts, fc.array(fc.nat(60), { maxLength: 10 }), (text, cuts) => {
        const at = [0, ...cuts.map((cut) => Math.min(cut, text.length)), text.length].sort((a, b) => a - b);
        const { joined, rest, replaced } = join(
          ...at.slice(1).map((end, index) => text.slice(at[index], end)),
        );
        expect({ text: joined.join(''), rest, replaced }).toEqual({ text, rest: [], replaced: false });
        expect(joined.every((payload) => payload.isWellFormed())).toBe(true);
      }),
    );
  });

  test('of any code units give a well-formed text in which each lone half is U+FFFD', () => {
    const units = fc.constantFrom('a', '\ud83d', '\ude80', '\ufffd');
    fc.assert(
      fc.property(fc.array(fc.array(units).map((some) => some.join(''))), (payloads) => {
        const { joined, rest } = join(...payloads);
        const text = joined.join('') + rest.map(() => '\ufffd').join('');
        expect(text).toBe(payloads.join('').toWellFormed());
      }),
    );
  });
});
