import fc from 'fast-check';
import { expect, test } from 'vitest';
import { flowText } from '../../../cli/terminal/flow.ts';
import { makeTerminal } from './terminal.ts';

const shown = (pieces: string[], width: number): string[] => {
  const terminal = makeTerminal(width + 1, 1_000);
  const flow = flowText(() => width);
  for (const piece of pieces) terminal.write(flow.add(piece));
  return terminal.lines();
};

test('moves a word that grows beyond its line to the next one', () => {
  expect(shown(['A vector', ' data', 'base', ' finds neigh', 'bours.'], 16)).toEqual([
    'A vector',
    'database finds',
    'neighbours.',
  ]);
});

test('splits a word that is longer than a line, and keeps line ends', () => {
  expect(shown(['ab\n', 'abcdefgh', 'ijkl', ' m'], 5)).toEqual(['ab', 'abcde', 'fghij', 'kl m']);
});

test('takes a wide word back by its columns', () => {
  const flow = flowText(() => 6);
  expect(['ab ', '語', '語'].map(flow.add)).toEqual(['ab ', '語', '\x1b[2D\x1b[K\n語語']);
});

test('loses no letter and fills no line beyond the width, however the text is cut', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', '\n'), maxLength: 120 });
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 20 }), fc.integer({ min: 4, max: 40 }), (pieces, width) => {
      const lines = shown(pieces, width);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      expect(lines.join('').replace(/\s/g, '')).toBe(pieces.join('').replace(/\s/g, ''));
    }),
  );
});
