import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const docs = join(import.meta.dirname, '../../docs');
const map = readFileSync(join(docs, 'README.md'), 'utf8');
const links = [...map.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);

/** Anchors of a page's headings, as GitHub makes them. */
const anchorsOf = (file: string): string[] =>
  [...readFileSync(join(docs, file), 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

test('docs/README.md names every page of docs', () => {
  const pages = readdirSync(docs).filter((file) => file.endsWith('.md') && file !== 'README.md');
  const named = links.map((link) => link.split('#')[0]);
  expect(pages.filter((page) => !named.includes(page))).toEqual([]);
});

test('docs/README.md links only to files and headings that exist', () => {
  const isDead = (link: string): boolean => {
    const [file = '', anchor] = link.split('#');
    if (!existsSync(join(docs, file))) return true;
    return anchor !== undefined && !anchorsOf(file).includes(anchor);
  };
  expect(links.filter(isDead)).toEqual([]);
});
