import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closeness, markSentences, PARAGRAPH_START, positionsOf } from '../../../local/model/position.ts';

const encoder = new TextEncoder();
/** The positions at which the pieces of a text are predicted, as sentence.offset. */
const positionsIn = (pieces: string[]): string[] => {
  const marks = markSentences(pieces.map((piece) => encoder.encode(piece)));
  return positionsOf([...pieces.keys()], marks).map(({ sentence, offset }) => `${sentence}.${offset}`);
};

test('sentences are counted from the first token after a stop and a space', () => {
  const pieces = ['Ships', ' sail', '.', ' Do', ' they', '?', ' Yes', '!', ' So'];
  expect(positionsIn(pieces)).toEqual(['0.0', '0.1', '0.2', '0.3', '1.1', '1.2', '1.3', '2.1', '2.2']);
});

test('a stop without a space after it ends no sentence', () => {
  expect(positionsIn([' a', ' 0', '.', '95', ' of'])).toEqual(['0.0', '0.1', '0.2', '0.3', '0.4']);
});

test('closeness is 1 for the same position, symmetric, and between 0 and 1', () => {
  const position = fc.record({ sentence: fc.nat(30), offset: fc.nat(1_000) });
  fc.assert(
    fc.property(position, position, (a, b) => {
      expect(closeness(a, a)).toBe(1);
      expect(closeness(a, b)).toBe(closeness(b, a));
      expect(closeness(a, b)).toBeGreaterThan(0);
      expect(closeness(a, b)).toBeLessThanOrEqual(1);
    }),
    { numRuns: 200 },
  );
});

test('positions further away are less close', () => {
  const atSentence = (sentence: number): number => closeness(PARAGRAPH_START, { sentence, offset: 0 });
  const atOffset = (offset: number): number => closeness(PARAGRAPH_START, { sentence: 0, offset });
  expect(atSentence(1)).toBeLessThan(1);
  expect(atSentence(3)).toBeLessThan(atSentence(1));
  expect(atOffset(4)).toBeLessThan(1);
  expect(atOffset(12)).toBeLessThan(atOffset(4));
});

test('sentences from the fifth on count as the same position', () => {
  expect(closeness({ sentence: 4, offset: 2 }, { sentence: 9, offset: 2 })).toBe(1);
});
