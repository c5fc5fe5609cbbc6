import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countTokens, encodeText, tokenBytes } from '../../../local/model/tokens.ts';

const textOf = (ids: number[]): string => Buffer.concat(ids.map(tokenBytes)).toString('utf8');

test('the bytes of the tokens add up to the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
      expect(textOf(encodeText(text))).toBe(text);
    }),
    { numRuns: 100 },
  );
});

test('names of special tokens are encoded as plain text', () => {
  expect(textOf(encodeText('a <|endoftext|> b'))).toBe('a <|endoftext|> b');
  expect(countTokens('<|endoftext|>')).toBeGreaterThan(1);
});

test('token counts are those of o200k_base', () => {
  expect(encodeText('layer.\n\nThe')).toEqual([19730, 364, 976]);
  expect(countTokens('')).toBe(0);
});

test('a long run without spaces is split, not lost', () => {
  const run = `${'ab'.repeat(3_000)}🦜 end`;
  expect(textOf(encodeText(run))).toBe(run);
});

test('a token id beyond the vocabulary is refused', () => {
  expect(() => tokenBytes(999_999)).toThrow(RangeError);
});
