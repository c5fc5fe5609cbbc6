import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Automaton, automatonOf, intersected } from '../../../../local/model/grammar/automaton.ts';
import { matchedText } from '../../../../local/model/grammar/matched-text.ts';
import { parsePattern } from '../../../../local/model/grammar/pattern-syntax.ts';
import { seededRandom } from '../../../../local/model/random.ts';
import { FORMATS } from '../../../../local/model/schema/formats.ts';

const compiled = (source: string): Automaton => automatonOf(parsePattern(source), () => true);

/** A text of an automaton, one random character after the other. */
const textOf = (automaton: Automaton, seed: number, length = { min: 0, max: Number.POSITIVE_INFINITY }) => {
  const random = seededRandom(seed);
  const characters = new Set(automaton.characters.flatMap((each) => [...each]));
  const texts = new Map([...characters].map((character, id) => [id, character]));
  const scanner = matchedText(automaton, texts, length);
  let text = '';
  for (let state = scanner.start; ; ) {
    const tokens = scanner.tokens(state);
    const id = tokens[Math.floor(random() * tokens.length)];
    if (random() < scanner.leaving(state, false)) return text;
    const next = id === undefined ? undefined : scanner.next(state, id);
    if (next === undefined || id === undefined) throw new Error(`${text} cannot be completed`);
    text += texts.get(id);
    state = next;
  }
};

const PATTERNS = [
  '^[A-Z]{2}-\\d{4}$',
  'a|bc|',
  '^(?:foo|ba+r)*x?$',
  '[^a-z]{3}',
  '^\\w+@[\\w.]+\\.com$',
  '[\\]\\-a]+',
  '\\x41\\u00e9',
  '^a$|^b{2,3}$',
  '(a{2}){1,3}?',
  '.{5,}',
  '\\d\\D\\s\\S\\W',
];

describe('a pattern', () => {
  test('has texts that it matches', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PATTERNS), fc.nat(), (source, seed) => {
        expect(textOf(compiled(source), seed)).toMatch(new RegExp(`^(?:${source})$`, 'u'));
      }),
    );
  });

  test('has texts of a length, as far as it has any', () => {
    const even = compiled('(?:ab)*');
    for (const seed of Array(20).keys())
      expect(textOf(even, seed, { min: 3, max: 7 }).length).toSatisfy((length) => [4, 6].includes(length));
    expect(() => textOf(even, 1, { min: 3, max: 3 })).toThrow('matches no text of 3 to 3 characters');
  });

  test.each([...FORMATS])('together with the format %s has texts of both', (format, source) => {
    const automaton = intersected(compiled(source), compiled('.*[0-9a-m].*'));
    for (const seed of Array(20).keys())
      expect(textOf(automaton, seed), format).toMatch(new RegExp(`^(?=.*[0-9a-m])(?:${source})$`, 'u'));
  });

  test.each(['((((){999}){999}){999}){999}x', '(((|){999}){999}){9,}x', '(((y{0}){999}){999}){999}x'])(
    'repeats nothing in no time: %s',
    (source) => {
      expect(textOf(compiled(source), 1)).toBe('x');
    },
  );

  test('without a text in common with a format has none', () => {
    expect(() => textOf(intersected(compiled('[xyz]+'), compiled('\\d+')), 1)).toThrow('matches no text');
  });

  test.each([
    ['(?=a)', 'lookaround'],
    ['(?<name>a)', 'lookaround or a named group'],
    ['\\bword', '\\b'],
    ['(a)\\1', '\\1'],
    ['\\p{L}', '\\p'],
    ['a^b', '^ within'],
    ['(a', 'not closed'],
    ['a)', ') out of place'],
    ['*a', '* out of place'],
    ['[z-a]', 'range out of order'],
    ['a{3,2}', 'repeat out of order'],
    ['a{2000}', 'repeat of more than'],
    ['((a{99}){99}){99}', 'too large'],
    ['[a', 'ends too early'],
    ['\\', 'ends too early'],
    ['\\xzz', 'invalid escape'],
    ['a'.repeat(1_001), 'longer than'],
  ])('%s is refused', (source, message) => {
    expect(() => compiled(source)).toThrow(message);
  });
});
