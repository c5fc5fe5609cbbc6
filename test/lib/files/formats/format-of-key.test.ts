import { expect, test } from 'vitest';
import { formatOfKey, sidecarKeyOf } from '../../../../lib/files/formats/format-of-key.ts';

test.each([
  ['prompts/a.txt', 'text'],
  ['prompts/A.TXT', 'text'],
  ['prompts/a.md', 'text'],
  ['prompts/a.b.json', 'json'],
  ['prompts/@team/a.jsonl', 'jsonl'],
  ['prompts/sheet.csv', 'csv'],
  ['prompts/../a%2F ü+.csv', 'csv'],
  ['prompts/a.jsonl.defaults.json', 'defaults'],
  ['prompts/a.defaults.JSON', 'defaults'],
  ['prompts/a.pdf', undefined],
  ['prompts/a.jsonl.gz', undefined],
  ['prompts/folder.csv/', undefined],
  ['prompts/a.csv/readme', undefined],
  ['prompts/csv', undefined],
])('the key %s has the format %s', (key, format) => {
  expect(formatOfKey(key)).toBe(format);
});

test('the defaults of a file stand beside it, under its full name', () => {
  expect(sidecarKeyOf('prompts/a.csv')).toBe('prompts/a.csv.defaults.json');
  expect(formatOfKey(sidecarKeyOf('prompts/a.csv'))).toBe('defaults');
});
