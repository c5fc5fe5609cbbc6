import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/reliability.md'), 'utf8');

type Row = { section: string; cells: string[]; shownBy: { file: string; title: string }[] };

/** Rows of all tables, each under its section's heading. */
const rows: Row[] = page
  .split(/^## /m)
  .slice(1)
  .flatMap((section) => {
    const [heading = '', ...lines] = section.split('\n');
    const table = lines.filter((line) => line.startsWith('|'));
    return table.slice(2).map((line) => {
      const cells = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      const shownBy = (cells.at(-1) ?? '').split('<br>').flatMap((reference) => {
        const [, file, title] = /^`(test\/\S+\.ts) › (.+)`$/.exec(reference) ?? [];
        return file !== undefined && title !== undefined ? [{ file, title }] : [];
      });
      return { section: heading, cells, shownBy };
    });
  });

const references = rows.flatMap(({ shownBy }) => shownBy);
const sources = new Map<string, string>();
const sourceOf = (file: string): string => {
  const path = join(root, file);
  const source = sources.get(file) ?? (existsSync(path) ? readFileSync(path, 'utf8') : '');
  sources.set(file, source);
  return source;
};

/** Whether a title occurs in its file, as a string or as one that a table of cases completes. */
const isTitleIn = (source: string, title: string): boolean => {
  const stands = (text: string) => ["'", '"', '`'].some((quote) => source.includes(quote + text + quote));
  if (stands(title)) return true;
  const templates = [...source.matchAll(/(['"`])%s(.+?)\1/g)].map(([, , rest = '']) => rest);
  return templates.some((rest) => title.endsWith(rest) && stands(title.slice(0, -rest.length)));
};

describe('docs/reliability.md', () => {
  test('has the failures 1 to 38, 41, 43 and 44, each once and in order', () => {
    const numbers = rows.filter(({ section }) => section === 'Failures').map(({ cells }) => Number(cells[0]));
    expect(numbers).toEqual([...Array.from({ length: 38 }, (_, at) => at + 1), 41, 43, 44]);
  });

  test('names for every row its outcome and a test that shows it', () => {
    const isWanting = ({ cells, shownBy }: Row) =>
      cells.includes('') || shownBy.length !== (cells.at(-1) ?? '').split('<br>').length;
    expect(rows.filter(isWanting).map(({ cells }) => cells)).toEqual([]);
    expect(rows.length).toBeGreaterThan(60);
  });

  test('names only existing tests', () => {
    const absent = references.filter(({ file, title }) => !isTitleIn(sourceOf(file), title));
    expect(absent).toEqual([]);
  });

  test('links only to existing targets', () => {
    const links = [...page.matchAll(/\]\(([^)#]+)/g)].map(([, path = '']) => path);
    expect(links.filter((path) => !existsSync(join(root, 'docs', path)))).toEqual([]);
    expect(links.length).toBeGreaterThan(2);
  });

  test('cites each numbered test in the row of that number, and all of them', () => {
    const numbered = rows.flatMap(({ cells, shownBy }) =>
      shownBy.flatMap(({ title }) => (/^\d+\. /.test(title) ? [[cells[0], title.split('.')[0]]] : [])),
    );
    for (const [number, titled] of numbered) expect(titled).toBe(number);
    expect(numbered.length).toBeGreaterThan(15);
  });
});

test('a cited title that does not exist is found', () => {
  const source = `test('one', f); test.each(cases)('%s fails alone', f); const cases = ["the run's"];`;
  expect(isTitleIn(source, 'one')).toBe(true);
  expect(isTitleIn(source, "the run's fails alone")).toBe(true);
  expect(
    ['two', 'on', 'one fails', "the run's", 'x fails alone'].map((title) => isTitleIn(source, title)),
  ).toEqual([false, false, false, true, false]);
});
