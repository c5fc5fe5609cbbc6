import { describe, expect, test } from 'vitest';
import { faultOf, isOfPrograms } from '../../local/drop-faults.ts';

const faultIn = (name: string, others: string[] = [], size = 1) =>
  faultOf({ name, size, isLink: false }, [...others, name]);

const remedyOf = (name: string, others: string[] = []) => faultIn(name, others)?.remedy;

test.each(['a.txt', 'A.TXT', 'b.md', 'c.json', 'd.jsonl', 'team a/products.CSV', 'default-prompts.json'])(
  '%s is taken in',
  (name) => {
    expect(faultIn(name)).toBeUndefined();
  },
);

test.each([
  ['products.xlsx', 'save it as CSV (UTF-8), products.csv'],
  ['team/products.v2.ods', 'save it as CSV (UTF-8), products.v2.csv'],
  ['products.TSV', 'rename it to products.csv: columns may be separated by tabs'],
  ['prompts.ndjson', 'rename it to prompts.jsonl'],
  ['prompts.yaml', 'write it as JSON, prompts.json'],
  ['prompts.docx', 'save it as plain text, prompts.txt'],
  ['prompts.tar.gz', 'unpack it into drop/'],
  ['prompts', 'rename it to prompts.txt'],
  ['.products.csv', 'rename it to products.csv'],
  ['a\u202Etxt.csv', 'rename it'],
])('%s is not, with what to do about it', (name, remedy) => {
  expect(remedyOf(name)).toBe(remedy);
});

test.each(['~$products.csv', 'products.csv~', '#products.csv#', 'products.csv.part', 'products.csv.swp'])(
  '%s is a temporary file of another program, whatever it seems to be',
  (name) => {
    expect(faultIn(name)).toEqual({ reason: 'it is a temporary file of another program', remedy: undefined });
  },
);

test.each(['.DS_Store', '.products.csv.swp', '.~lock.products.csv#', '._products.csv', '.#products.csv'])(
  '%s is a program’s own hidden file, of which nothing is said',
  (name) => {
    expect(isOfPrograms(name)).toBe(true);
  },
);

test('an empty file is not taken in', () => {
  expect(faultIn('products.csv', [], 0)).toEqual({ reason: 'it is empty', remedy: 'write prompts into it' });
});

describe('a file of defaults', () => {
  test.each([
    ['products.csv.defaults.json', ['products.csv']],
    ['products.csv.defaults.json', []], // its prompt file may come later
    ['products.csv.defaults.json', ['products.csv.txt', 'products.csv']],
    ['a.json.defaults.json', ['a.json', 'b.json']],
    ['words-defaults.json', ['other.csv']], // a prompt file of that name
  ])('%s beside %j is taken in', (name, others) => {
    expect(faultIn(name, others)).toBeUndefined();
  });

  const general = 'rename it to FILE.defaults.json, such as products.csv.defaults.json';
  test.each([
    ['defaults.json', ['products.csv'], 'rename it to products.csv.defaults.json'],
    ['defaults.json', ['products.csv', 'faq.csv'], general],
    ['defaults.json', [], general],
    ['team/defaults.json', ['products.csv', 'team/faq.csv'], 'rename it to faq.csv.defaults.json'],
    ['products.defaults.json', ['products.csv', 'faq.csv'], 'rename it to products.csv.defaults.json'],
    ['products.csv.default.json', ['products.csv'], 'rename it to products.csv.defaults.json'],
    ['products-defaults.json', ['products.csv'], 'rename it to products.csv.defaults.json'],
    ['products.csv.defaults.json', ['Products.csv'], 'rename it to Products.csv.defaults.json'],
    ['products.defaults.json', [], general],
  ])('%s beside %j is not: %s', (name, others, remedy) => {
    expect(remedyOf(name, others)).toBe(remedy);
  });
});
