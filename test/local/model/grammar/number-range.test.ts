import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type NumberRange, numberTexts } from '../../../../local/model/grammar/number-range.ts';

/** All texts of a range, by trying each character after each beginning. */
const textsOf = (range: NumberRange): string[] => {
  const { isStart, isWhole } = numberTexts(range);
  const starts = [''];
  for (const start of starts)
    for (const character of '-0123456789.') if (isStart(start + character)) starts.push(start + character);
  return starts.filter(isWhole);
};

describe('the texts of a range', () => {
  test.each<[string, NumberRange, string[]]>([
    ['bounds', { minimum: -2, maximum: 2, isInteger: true }, ['0', '1', '2', '-1', '-2']],
    ['exclusive bounds', { exclusiveMinimum: -1, exclusiveMaximum: 2, isInteger: true }, ['0', '1']],
    ['bounds with decimals', { minimum: 1.5, maximum: 3.2, isInteger: true }, ['2', '3']],
    ['multiples', { minimum: 90, maximum: 120, multipleOf: 15, isInteger: true }, ['90', '105', '120']],
    ['multiples of a half', { minimum: 1, maximum: 2.5, multipleOf: 0.5, isInteger: true }, ['1', '2']],
    ['one small number', { minimum: 1e-9, maximum: 1e-9, isInteger: false }, ['0.000000001']],
    [
      'bounds that are rounded inwards',
      { minimum: 0.1 + 0.2, maximum: 0.3 + 1e-9, isInteger: false },
      ['0.300000001'],
    ],
    ['large numbers', { minimum: 1e15, isInteger: true }, ['1000000000000000']],
  ])('are those of %s', (_, range, texts) => {
    expect(textsOf(range).toSorted()).toEqual(texts.toSorted());
  });

  test('have two decimals where bounds and steps have no more', () => {
    const texts = textsOf({ minimum: 0, exclusiveMaximum: 0.03, isInteger: false });
    expect(texts.toSorted()).toEqual(['0', '0.0', '0.00', '0.01', '0.02']);
  });

  test('are numbers of the range, and every beginning can be completed', () => {
    const bound = fc.oneof(
      fc.integer({ min: -300, max: 300 }),
      fc.integer({ min: -3_000, max: 3_000 }).map((value) => value / 100),
    );
    fc.assert(
      fc.property(bound, fc.nat(50), fc.constantFrom(0.5, 1, 3, 7), (minimum, width, multipleOf) => {
        const range = { minimum, maximum: minimum + width + multipleOf, multipleOf, isInteger: false };
        const texts = textsOf(range);
        const { isStart } = numberTexts(range);
        for (const text of texts) {
          const value = Number(text);
          expect([value >= minimum, value <= range.maximum, value % multipleOf]).toEqual([
            true,
            true,
            value < 0 ? -0 : 0,
          ]);
          for (let end = 1; end < text.length; end++) expect(isStart(text.slice(0, end))).toBe(true);
        }
        expect(texts.length).toBeGreaterThan(0);
      }),
      { numRuns: 50 },
    );
  });

  test.each<[NumberRange, string]>([
    [{ minimum: 3, maximum: 2, isInteger: true }, 'has no number'],
    [{ minimum: 1, maximum: 6, multipleOf: 7, isInteger: true }, 'has no number'],
    [{ exclusiveMinimum: 0, exclusiveMaximum: 1, isInteger: true }, 'has no number'],
    [{ minimum: 1e16, isInteger: true }, 'has no number'],
    [{ multipleOf: 1e-10, isInteger: false }, 'needs more than 9 decimals'],
    [{ minimum: 1e-11, maximum: 2e-11, isInteger: false }, 'has no number'],
  ])('%j cannot be written', (range, message) => {
    expect(() => numberTexts(range)).toThrow(message);
  });
});
