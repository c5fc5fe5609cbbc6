import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  commentsIn,
  deadLinksIn,
  deadPathsIn,
  paragraphsIn,
  riddlesIn,
  titlesIn,
} from '../../../tools/words/check-words.ts';

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const wordsOf = (text: string) => riddlesIn([{ line: 1, text }], 'a.ts').map(({ words }) => words);

describe('comments', () => {
  test('are read as one piece over several lines, each with the line on which it begins', () => {
    const source = [
      '/**',
      ' * Keeps a run',
      ' * for a day.',
      ' */',
      'const a = 1; // a reason',
      '',
      '// another',
    ].join('\n');
    expect(commentsIn(source)).toEqual([
      { line: 2, text: 'Keeps a run for a day.' },
      { line: 5, text: 'a reason' },
      { line: 7, text: 'another' },
    ]);
  });

  test('of one line, too, and a tag begins a piece of its own', () => {
    expect(commentsIn('/** The day. */')).toEqual([{ line: 1, text: 'The day.' }]);
    expect(commentsIn('/**\n * The day.\n * @throws {Error} late\n */').map(({ text }) => text)).toEqual([
      'The day.',
      '@throws {Error} late',
    ]);
  });

  test('are not addresses in a text', () => {
    expect(commentsIn("const url = 'http://127.0.0.1';")).toEqual([]);
  });
});

test('titles of tests and groups are read, those of a table too', () => {
  const source = [
    "describe('a run', () => {",
    "  test('ends', () => {});",
    "  test.each([1])('has %i', () => {});",
    '  test.each<[string]>([',
    "    ['once'],",
    "  ])('is sent %s', () => {});",
    "  expect(sent).toEqual(['text']);",
    '});',
  ].join('\n');
  expect(titlesIn(source)).toEqual([
    { line: 1, text: 'a run' },
    { line: 2, text: 'ends' },
    { line: 3, text: 'has %i' },
    { line: 6, text: 'is sent %s' },
  ]);
});

test('a document is read by paragraph, item and cell, without its code and titles', () => {
  const text =
    '# Title\n\nOne\nparagraph.\n\n- an item\n\n```\nWHAT is code\n```\n\n| a | b |\n|---|---|\n| c | |\n';
  expect(paragraphsIn(text)).toEqual([
    { line: 3, text: 'One paragraph.' },
    { line: 6, text: 'an item' },
    { line: 14, text: 'c' },
  ]);
});

describe('a sentence that opens like a riddle', () => {
  test.each(['Who asks twice waits.', 'Keeps a run. What is left is deleted.', 'whatever is sent is kept'])(
    'is found: %s',
    (text) => {
      expect(wordsOf(text)).toHaveLength(1);
    },
  );

  test.each([
    'Keeps what is left.',
    'What does a run cost?',
    'The run whose lease ended.',
    'Sends `What is left` to the model.',
    'The prompt "What is a vector?" is short.',
  ])('is none: %s', (text) => {
    expect(wordsOf(text)).toEqual([]);
  });
});

describe('shorthand in capitals', () => {
  test('is found where readers of the field do not know it', () => {
    expect(wordsOf('Reads RUN again, then FILE.')).toEqual(['RUN', 'FILE']);
  });

  test.each(['Sends JSON to SQS.', 'Sets `RUN`.', 'Sets MAX_BYTES.', 'POST /runs'])('is none: %s', (text) => {
    expect(wordsOf(text)).toEqual([]);
  });
});

describe('links', () => {
  const folder = (): string => {
    const root = mkdtempSync(join(tmpdir(), 'everytoken-words-'));
    made.push(root);
    writeFileSync(join(root, 'other.md'), '# Two words\n\n## A `name` (of it)\n');
    return root;
  };
  const read = () => '# Two words\n\n## A `name` (of it)\n';

  test('that lead nowhere are found, to a file or to a heading', () => {
    const text =
      '[a](gone.md)\n[b](other.md#three-words)\n[c](other.md#two-words) [d](other.md#a-name-of-it)';
    const found = deadLinksIn(text, 'one.md', folder(), read);
    expect(found.map(({ line, words }) => [line, words])).toEqual([
      [1, 'gone.md'],
      [2, 'other.md#three-words'],
    ]);
  });

  test('to other sites are left alone', () => {
    expect(deadLinksIn('[a](https://example.com/gone)', 'one.md', folder(), read)).toEqual([]);
  });

  test('a comment that names a file of the repository names one that is there', () => {
    const pieces = [{ line: 3, text: 'As lib/gone.ts does, and lib/errors.ts.' }];
    const root = join(import.meta.dirname, '../../..');
    expect(deadPathsIn(pieces, 'a.ts', root)).toEqual([
      { file: 'a.ts', line: 3, rule: 'names a file that is not there', words: 'lib/gone.ts' },
    ]);
  });
});
