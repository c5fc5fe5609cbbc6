import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable, printablePieces } from '../../../cli/terminal/printable.ts';

const inPieces = (text: string, cuts: number[]): string => {
  const pieces = printablePieces();
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).toSorted((a, b) => a - b), text.length];
  return (
    places.map((from, at) => pieces.add(text.slice(from, places[at + 1] ?? from))).join('') + pieces.end()
  );
};

/** Texts with short escape sequences, C1 controls, line ends, pairs and bidirectional controls. */
const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom(
        '\x1b[31m',
        '\x1b[2J',
        '\x9b1m',
        '\x1b',
        '\r\n',
        '\r',
        '\u202e',
        '\u2028',
        '😀',
        'word ',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join('').replaceAll('\t', ''));

test('a text in pieces is printed as the whole is, wherever it is cut', () => {
  fc.assert(
    fc.property(text, fc.array(fc.nat(), { maxLength: 8 }), (whole, cuts) => {
      expect(inPieces(whole, cuts)).toBe(printable(whole));
    }),
    { numRuns: 500 },
  );
});

test('a piece is printed as soon as it is whole', () => {
  const pieces = printablePieces();
  expect(['Vec', 'tors\tfind', ' \x1b[3', '1mred', '\r'].map(pieces.add)).toEqual([
    'Vec',
    'tors\tfind',
    ' ',
    '',
    '',
  ]);
  expect(pieces.end()).toBe('red\n');
});
