import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deadLinksIn } from '../../tools/words/check-words.ts';

const root = join(import.meta.dirname, '../..');
const docs = join(root, 'docs');
const map = readFileSync(join(docs, 'README.md'), 'utf8');
const links = [...map.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);

test('docs/README.md names every page of docs', () => {
  const pages = readdirSync(docs).filter((file) => file.endsWith('.md') && file !== 'README.md');
  const named = links.map((link) => link.split('#')[0]);
  expect(pages.filter((page) => !named.includes(page))).toEqual([]);
});

test('docs/README.md links only to files and headings that exist', () => {
  const read = (file: string) => readFileSync(join(root, file), 'utf8');
  expect(deadLinksIn(map, 'docs/README.md', root, read)).toEqual([]);
});
