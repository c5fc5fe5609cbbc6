import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable, printableLine } from '../../../cli/demo/layout.ts';

test.each([
  ['colours and cursor', 'a\x1b[31mred\x1b[2Jb', 'aredb'],
  ['a link and a title', '\x1b]8;;http://x.example\x07link\x1b]8;;\x07\x1b]0;title\x07', 'link'],
  ['a sequence hidden in another', '\x1b\x1b[31m[31mx', '[31mx'],
  ['half a sequence', 'a\x1b', 'a'],
  ['bells, backspaces and the eight-bit forms', 'a\x07\b\x7f\x9b31mb\x90', 'ab'],
  ['turned text', 'safe\u202Etxt.exe\u2066', 'safetxt.exe'],
  ['line ends of every kind', 'a\r\nb\rc\u2028d\te', 'a\nb\nc\nd e'],
  ['a lone surrogate', 'a\uD800', 'a\uFFFD'],
])('%s leave only text', (_, given, expected) => {
  expect(printable(given)).toBe(expected);
});

test('whatever comes in, no control character but a line end comes out', () => {
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

test('text of people stays as it is', () => {
  expect(printable('Ünïcode 向量 👩‍👩‍👧 — “ok”')).toBe('Ünïcode 向量 👩‍👩‍👧 — “ok”');
});
