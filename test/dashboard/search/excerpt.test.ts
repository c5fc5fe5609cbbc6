import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { excerptOf } from '../../../dashboard/search/excerpt.ts';
import { markedPieces } from '../../../dashboard/search/marked-words.ts';

const textOf = ({ pieces }: ReturnType<typeof excerptOf>): string => pieces.map(({ text }) => text).join('');

describe('the excerpt of a passage', () => {
  test('is all of a short one', () => {
    const pieces = markedPieces('a needle in hay', ['needle']);
    expect(excerptOf(pieces, 400)).toEqual({ pieces, before: false, after: false });
  });

  test('stands around the first mark, cut between words', () => {
    const text = `${'other words '.repeat(60)}the needle ${'and more '.repeat(60)}`;
    const excerpt = excerptOf(markedPieces(text, ['needle']), 400);
    expect(excerpt).toMatchObject({ before: true, after: true });
    expect(textOf(excerpt)).toMatch(/^(other|words) .* the needle .* (and|more)$/);
    expect(excerpt.pieces.some(({ isMarked }) => isMarked)).toBe(true);
    expect(textOf(excerpt).length).toBeLessThanOrEqual(400);
  });

  test('is always a part of the passage that has its first mark, whatever the passage', () => {
    const words = fc.array(fc.oneof(fc.constant('needle'), fc.string({ unit: 'grapheme' })), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(words, fc.integer({ min: 200, max: 300 }), (all, length) => {
        const text = all.join(' ');
        const pieces = markedPieces(text, ['needle']);
        const excerpt = excerptOf(pieces, length);
        const shown = textOf(excerpt);
        expect(text).toContain(shown);
        expect(shown.isWellFormed()).toBe(text.isWellFormed());
        expect(shown.length).toBeLessThanOrEqual(length);
        if (pieces.some(({ isMarked }) => isMarked))
          expect(excerpt.pieces.some(({ isMarked }) => isMarked)).toBe(true);
      }),
    );
  });
});
