import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { fold, padFront, padTo, wrap, wrapPieces } from '../../../cli/terminal/layout.ts';
import { printable, printableLine } from '../../../cli/terminal/printable.ts';

test.each([
  ['colours and cursor', 'a\x1b[31mred\x1b[2Jb', 'aredb'],
  ['a link and a title', '\x1b]8;;http://x.example\x07link\x1b]8;;\x07\x1b]0;title\x07', 'link'],
  ['a sequence hidden in another', '\x1b\x1b[31m[31mx', '[31mx'],
  ['half a sequence', 'a\x1b', 'a'],
  ['bells, backspaces and the eight-bit forms', 'a\x07\b\x7f\x9b31mb\x90', 'ab'],
  ['turned text', 'safe\u202Etxt.exe\u2066', 'safetxt.exe'],
  ['line ends of every kind', 'a\r\nb\rc\u2028d\te', 'a\nb\nc\nd e'],
  ['a lone surrogate', 'a\uD800', 'a\uFFFD'],
])('%s are removed, leaving only text', (_, given, expected) => {
  expect(printable(given)).toBe(expected);
});

test('for any input, line ends are the only control characters in the output', () => {
  const nasty = fc.array(
    fc.constantFrom('\x1b', '[', ']', '31m', '\x07', '\x9b', '\r', '\n', 'x', '\u202E', '🙂'),
  );
  const units = fc.array(fc.integer({ min: 0, max: 0xffff }));
  fc.assert(
    fc.property(
      fc.oneof(
        nasty.map((parts) => parts.join('')),
        units.map((each) => String.fromCharCode(...each)),
      ),
      (given) => {
        expect(printable(given)).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}|\p{Cs}/u);
        expect(printableLine(given)).not.toMatch(/\p{Cc}/u);
      },
    ),
    { numRuns: 300 },
  );
});

test('ordinary text is not changed', () => {
  expect(printable('Ünïcode 向量 👩‍👩‍👧 — “ok”')).toBe('Ünïcode 向量 👩‍👩‍👧 — “ok”');
});

const text = fc
  .oneof(
    fc.string({ maxLength: 200 }),
    fc.string({ unit: 'grapheme', maxLength: 80 }),
    fc.lorem({ maxCount: 30 }),
  )
  .map(printable);
const withoutSpace = (lines: string[]): string => lines.join('').replace(/\s/gu, '');
const graphemes = new Intl.Segmenter();
const widestCharacter = (given: string): number =>
  Math.max(0, ...Array.from(graphemes.segment(given.normalize()), ({ segment }) => stringWidth(segment)));

test('words that fit are not split, and a longer one is', () => {
  expect(wrap('A vector database', 9)).toEqual(['A vector', 'database']);
  expect(wrap('an incomprehensible word', 8)).toEqual(['an', 'incompre', 'hensible', 'word']);
  expect(wrap('a word incomprehensibly long', 8)).toEqual(['a word', 'incompre', 'hensibly', 'long']);
  expect(wrap('one\n\ntwo', 8)).toEqual(['one', '', 'two']);
});

test('no line is wider than the width or its single character, and only white space is lost', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 40 }), (given, width) => {
      const lines = wrap(given, width);
      const most = Math.max(width, widestCharacter(given));
      expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(most);
      expect(withoutSpace(lines)).toBe(withoutSpace([given.normalize()]));
    }),
    { numRuns: 200 },
  );
});

test('styled text is measured by the width of its plain text', () => {
  fc.assert(
    fc.property(fc.lorem({ maxCount: 40 }), fc.integer({ min: 2, max: 60 }), (given, width) => {
      expect(Math.max(...wrap(given, width).map(({ length }) => length))).toBeLessThanOrEqual(width);
    }),
    { numRuns: 50 },
  );
});

test('a piece that fits on a line is not broken', () => {
  expect(wrapPieces(['npm start', 'npm run demo', 'x'], ' · ', 16)).toEqual([
    'npm start',
    'npm run demo · x',
  ]);
  expect(wrapPieces(['a longer piece', 'x'], ' · ', 9)).toEqual(['a longer', 'piece · x']);
});

test.each([
  ['', 0],
  ['vector', 6],
  ['e\u0301', 1],
  ['向量', 4],
  ['한국', 4],
  ['🙂', 2],
  ['👩‍👩‍👧', 2],
  ['🇩🇪', 2],
  ['½ │ —', 5],
])('%j is padded as %i columns', (given, width) => {
  expect(padTo(given, 8)).toBe(given + ' '.repeat(8 - width));
});

test('padding counts columns, and does not change long text', () => {
  expect(padTo('向', 4)).toBe('向  ');
  expect(padFront('向', 4)).toBe('  向');
  expect(padTo('longer', 4)).toBe('longer');
  expect(padFront('longer', 4)).toBe('longer');
});

test('a folded line keeps its spaces and loses nothing', () => {
  expect(fold('a  b  c', 4)).toEqual(['a  b', '  c']);
  expect(fold('', 4)).toEqual(['']);
});
