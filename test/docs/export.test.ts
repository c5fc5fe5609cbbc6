import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COLUMNS } from '../../lib/export/columns.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/export.md'), 'utf8');

/** The table of the columns as the document is to have it. */
const table = [
  '| column | type | meaning |',
  '|---|---|---|',
  ...COLUMNS.map(({ name, kind, description }) => `| \`${name}\` | ${kind} | ${description} |`),
].join('\n');

test('docs/export.md lists the columns of an export in their order', () => {
  const [, written = ''] = /<!-- export:columns -->\n(.*)\n<!-- \/export -->/s.exec(page) ?? [];
  expect(written.trim()).toBe(table);
});

test('no description of a column would break the table', () => {
  for (const { description } of COLUMNS) expect(description).not.toMatch(/[|\n]/);
});
