import fc from 'fast-check';
import { expect, test } from 'vitest';
import { displayWidth } from '../../../cli/demo/display-width.ts';
import { printable } from '../../../cli/demo/layout.ts';
import { wrap, wrapPieces } from '../../../cli/demo/wrap.ts';

const text = fc
  .oneof(
    fc.string({ maxLength: 200 }),
    fc.string({ unit: 'grapheme', maxLength: 80 }),
    fc.lorem({ maxCount: 30 }),
  )
  .map(printable);
const withoutSpace = (lines: string[]): string => lines.join('').replace(/\s/gu, '');

test('words stay whole where they fit, and a longer one is cut', () => {
  expect(wrap('A vector database', 9)).toEqual(['A vector', 'database']);
  expect(wrap('an incomprehensible word', 8)).toEqual(['an', 'incompre', 'hensible', 'word']);
  expect(wrap('one\n\ntwo', 8)).toEqual(['one', '', 'two']);
});

test('no line is wider than asked, and only white space is lost', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 40 }), (given, width) => {
      const lines = wrap(given, width);
      expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(width);
      expect(withoutSpace(lines)).toBe(withoutSpace([given]));
    }),
    { numRuns: 200 },
  );
});

test('plain text is measured by its length', () => {
  fc.assert(
    fc.property(fc.lorem({ maxCount: 40 }), fc.integer({ min: 2, max: 60 }), (given, width) => {
      expect(Math.max(...wrap(given, width).map(({ length }) => length))).toBeLessThanOrEqual(width);
    }),
    { numRuns: 50 },
  );
});

test('pieces are not broken as long as a line holds them', () => {
  expect(wrapPieces(['npm start', 'npm run demo', 'x'], ' · ', 16)).toEqual([
    'npm start',
    'npm run demo · x',
  ]);
  expect(wrapPieces(['a longer piece', 'x'], ' · ', 9)).toEqual(['a longer', 'piece · x']);
});
