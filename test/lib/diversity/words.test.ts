import { expect, test } from 'vitest';
import { words } from '../../../lib/diversity/words.ts';

test('words are lower case, without punctuation and spaces', () => {
  expect(words("Don't panic: HNSW-graphs, v2.0!")).toEqual(["don't", 'panic', 'hnsw', 'graphs', 'v2.0']);
});

test('composed and decomposed letters are the same word', () => {
  expect(words('Cafe\u0301')).toEqual(words('CAF\u00c9'));
});

test('a script without spaces has words too, and emoji are none', () => {
  expect(words('我喜欢数据库').length).toBeGreaterThan(1);
  expect(words('🦜 … —')).toEqual([]);
});
