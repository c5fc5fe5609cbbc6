import fc from 'fast-check';
import { expect, test } from 'vitest';
import { differingWords } from '../../report/word-differences.ts';

const markedIn = (text: string, other: string) =>
  differingWords(text, other)
    .filter(({ differs }) => differs)
    .map((piece) => piece.text);

test('marks the words that the other text does not have', () => {
  expect(markedIn('the cat sat on the mat', 'the dog sat on the mat')).toEqual(['cat']);
});

test('marks a phrase once, with the spaces in it', () => {
  expect(
    markedIn('it finds the very nearest few of all vectors', 'it finds the one true best of all vectors'),
  ).toEqual(['very nearest few']);
});

test('marks nothing in equal texts, and nothing in texts that have little in common', () => {
  expect(markedIn('one and the same', 'one and the same')).toEqual([]);
  expect(markedIn('alpha beta gamma delta', 'eins zwei drei vier')).toEqual([]);
});

test('never loses or adds a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (text, other) => {
      expect(
        differingWords(text, other)
          .map((piece) => piece.text)
          .join(''),
      ).toBe(text);
    }),
  );
});
