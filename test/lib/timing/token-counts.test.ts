import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tokenizerOf, tokensByBorders } from '../../../lib/timing/token-counts.ts';

/**
 * A server that receives tokens of these sizes in groups. It sends characters as soon as they are complete and holds
 * back the bytes of an incomplete one. A token counts for the chunk in which it begins.
 */
const served = (text: string, tokenBytes: number[], groups: number[]) => {
  const bytes = Buffer.from(text);
  const starts = tokenBytes.map((_, at) => tokenBytes.slice(0, at).reduce((sum, size) => sum + size, 0));
  const isWhole = (at: number) => at >= bytes.length || ((bytes[at] ?? 0) & 0xc0) !== 0x80;
  const texts: string[] = [];
  const counts: number[] = [];
  let sent = 0;
  let counted = 0;
  let got = 0;
  for (let at = 0; at < tokenBytes.length; ) {
    const until = Math.min(tokenBytes.length, at + (groups[texts.length % groups.length] ?? 1));
    for (; at < until; at++) got += tokenBytes[at] ?? 0;
    let end = got;
    while (!isWhole(end)) end--;
    if (end <= sent) continue;
    texts.push(bytes.subarray(sent, end).toString());
    const begun = starts.filter((start) => start < end && start < got).length;
    counts.push(begun - counted);
    counted = begun;
    sent = end;
  }
  return { texts, counts };
};

describe('tokens by their borders', () => {
  test('count for the chunk in which each begins, however a server groups them', () => {
    const anyText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1 });
    const groups = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(anyText, sizes, groups, (text, someSizes, someGroups) => {
        const tokens: number[] = [];
        for (let left = Buffer.byteLength(text), at = 0; left > 0; at++) {
          const size = Math.min(left, someSizes[at % someSizes.length] ?? 1);
          tokens.push(size);
          left -= size;
        }
        const { texts, counts } = served(text, tokens, someGroups);
        expect(texts.join('')).toBe(text);
        expect(tokensByBorders(texts, tokens)).toEqual(counts);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['one each', ['Vector', ' database', 's'], [6, 9, 1], [1, 1, 1]],
    ['several in one', ['Vector database', 's'], [6, 9, 1], [2, 1]],
    ['two for one character', ['a', '🚀', 'b'], [1, 2, 2, 1], [1, 2, 1]],
    ['one that ends amid a character', ['a', '🚀b'], [3, 2, 1], [1, 2]],
  ])('are found with %s', (_, texts, tokenBytes, counts) => {
    expect(tokensByBorders(texts, tokenBytes)).toEqual(counts);
  });

  test.each([
    ['a token is spread over two chunks', ['Vec', 'tor'], [6]],
    ['a chunk ends amid a token that has whole characters after it', ['Vector d', 'atabase'], [6, 9]],
    ['three chunks share a token', ['a', 'b', 'c'], [3]],
    ['the tokens are of a shorter text', ['Vector', ' database'], [6]],
    ['the tokens are of a longer text', ['Vector'], [6, 9]],
    ['a chunk ends amid a surrogate pair', ['\ud83d', '\ude80'], [2, 2]],
  ])('are unknown when %s', (_, texts, tokenBytes) => {
    expect(tokensByBorders(texts, tokenBytes)).toBeNull();
  });
});

test.each([
  ...['gpt-4o', 'gpt-4o-mini-2024-07-18', 'chatgpt-4o-latest', 'gpt-4.1-nano', 'gpt-5', 'gpt-5.6-luna'],
  ...['gpt-6-luna-2026-10-01', 'o1', 'o3-mini', 'o4-mini', 'openai/gpt-4o', 'everytoken-ngram'],
])('%s uses the tokenizer o200k_base', (model) => {
  expect(tokenizerOf(model)).toBe('o200k_base');
});

test.each([
  ...['gpt-4', 'gpt-4-turbo', 'gpt-3.5-turbo', 'text-davinci-003', 'gpt-50', 'o30', 'llama-3', 'ogpt-4o'],
  ...['everytoken-ngram-2', 'mistral/gpt-4o', ''],
])('%j has no known tokenizer', (model) => {
  expect(tokenizerOf(model)).toBeUndefined();
});
