import fc from 'fast-check';
import { RE2JS } from 're2js';
import { expect, test } from 'vitest';
import { patternSize } from '../../../lib/checks/pattern-size.ts';

/** Instructions of the compiled program; undefined for a text that is no pattern. */
const programSize = (source: string): number | undefined => {
  try {
    return RE2JS.compile(source).programSize();
  } catch {
    return undefined;
  }
};

test.each([
  ['abc'],
  ['a*b+c?'],
  ['(x?){1000}'],
  ['(?:a|bc|)*'],
  ['(a*)*'],
  ['(ab){2,5}'],
  ['(?P<constructor>a){3}'],
  ['\\Qa*b\\E{3}'],
  ['\\x{1F600}{4}'],
  ['[]a]{7}[^]]'],
  ['x{0}'],
  ['a{,3}{03}'],
  ['^(?i:k)$\\b'],
  ['{'],
  ['a{0,400}'],
])('is the size of the compiled program for %s', (source) => {
  expect(patternSize(source)).toBe(programSize(source));
});

test.each([
  ['a row of repeats', 'a{0,1000}'.repeat(111), 222_002],
  ['three repeats within each other', '((a{0,100}){0,100}){0,100}', 2_030_302],
  ['three hundred of them', `${'('.repeat(300)}a${'){1000}'.repeat(300)}`, 1e12],
  ['open groups', '('.repeat(1_000), 3_003],
])('is found for repeats and nesting that are never compiled: %s', (_title, source, size) => {
  expect(patternSize(source)).toBe(size);
});

test('counts what classes go through, which folding of case multiplies', () => {
  expect(patternSize('\\pL{2,50}')).toBe(98 + 2 + 50);
  expect(patternSize('[\\pL\\p{Lu}\\d]')).toBe(1 + 2 + 102);
  expect(patternSize('[\u0100-\u{1e900}]')).toBe(3);
  expect(patternSize('(?i)[\u0100-\u{1e900}]')).toBe(3 + 1_249);
  expect(patternSize('(?s)[a-z](?i)[\\x{100}-\\x{1E900}\\n-\\077]')).toBe(4 + 1_254);
});

const PIECES = [
  ...['a', 'b', 'K', '.', '^', '$', '\\b', '\\A', 'é', '🙂', '3', ',', '-', '\\'],
  ...['(', '(?:', '(?i:', '(?i)', '(?s-i)', '(?U)', '(?P<n>', ')', '|'],
  ...['*', '+', '?', '{2}', '{0,3}', '{2,}', '{0}', '{0,0}', '{', '}', '{,3}', '{03}'],
  ...['[ab]', '[^a]', '[]a]', '[^]a]', '[a-', '[\\]]', '[[:alpha:]x]', '[', ']', '\\d', '\\pL', '\\P{Lu}'],
  ...['\\x{41}', '\\x41', '\\101', '\\Qab\\E', '\\Q', '\\E'],
];
const nested = fc.letrec<{ any: string; group: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom('a', 'bc', '.', '[ab]', '\\d', '', '^', '\\b', '\\pL'),
    fc
      .tuple(tie('group'), fc.constantFrom('*', '+', '?', '{2}', '{0,3}', '{2,}', '{0}', '{1}', '*?'))
      .map((parts) => parts.join('')),
    tie('group'),
    fc.array(tie('any'), { maxLength: 4 }).map((parts) => parts.join('')),
    fc.array(tie('any'), { maxLength: 4 }).map((parts) => parts.join('|')),
  ),
  group: fc
    .tuple(fc.constantFrom('(', '(?:', '(?i:', '(?P<a>'), tie('any'))
    .map(([open, inner]) => `${open}${inner})`),
})).any;
const anyText = fc.oneof(
  nested,
  fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 30 }),
);

test('bounds the compiled program of every pattern', () => {
  fc.assert(
    fc.property(anyText, (source) => {
      expect(patternSize(source)).toBeGreaterThanOrEqual(programSize(source) ?? 0);
    }),
    { numRuns: 3_000 },
  );
});

test('is a number from 2 for any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 1_000 }), (text) => {
      expect(patternSize(text)).toBeGreaterThanOrEqual(2);
      expect(patternSize(text)).toBeLessThanOrEqual(1e12);
    }),
  );
});
