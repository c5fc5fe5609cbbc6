import { expect, test } from 'vitest';
import { displayWidth, padFront, padTo } from '../../../cli/demo/display-width.ts';

test.each([
  ['', 0],
  ['vector', 6],
  ['e\u0301', 1],
  ['向量', 4],
  ['한국', 4],
  ['🙂', 2],
  ['👩‍👩‍👧', 2],
  ['🇩🇪', 2],
  ['½ │ —', 5],
])('%j takes %i columns', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test('padding counts columns, and leaves alone what is long enough', () => {
  expect(padTo('向', 4)).toBe('向  ');
  expect(padFront('向', 4)).toBe('  向');
  expect(padTo('longer', 4)).toBe('longer');
  expect(padFront('longer', 4)).toBe('longer');
});
