import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { placeOf, requireReplaceable } from '../../../../../cli/commands/file/results/place.ts';
import { shapesOf } from '../../../../../lib/files/results/shapes.ts';

const folder = mkdtempSync(join(tmpdir(), 'everytoken-place-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { signal } = new AbortController();

test('stands next to the original, in its kind', () => {
  expect(placeOf('a/products.csv', undefined)).toEqual({ path: 'a/products.results.csv', format: 'csv' });
  expect(placeOf('names.2026.jsonl', undefined)).toEqual({
    path: 'names.2026.results.jsonl',
    format: 'jsonl',
  });
  expect(placeOf('LIST.JSON', undefined)).toEqual({ path: 'LIST.results.jsonl', format: 'jsonl' });
  expect(placeOf('queues.md', undefined)).toEqual({ path: 'queues.results.txt', format: 'txt' });
});

test('has all figures where --out names JSON Lines', () => {
  expect(placeOf('products.csv', 'x.jsonl').format).toBe('jsonl');
  expect(placeOf('products.csv', 'x.tsv').format).toBe('csv');
  expect(() => placeOf('names.jsonl', 'x.csv')).toThrow('name a file that ends in .jsonl');
  expect(() => placeOf('a/../products.csv', './products.csv')).toThrow('is the file of prompts itself');
});

const replaceable = async (name: string, text: string, force = false) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  await requireReplaceable({ path, format: 'csv' }, { force, signal });
};

test.each([',', ';', '\t', '|'])('replaces earlier results, whose columns tell (%j)', async (delimiter) => {
  for (const columns of [['name'], ['text', 'error', 'result_text']]) {
    const shapes = shapesOf({ kind: 'csv', columns, delimiter, bom: true });
    await replaceable('a.csv', shapes[1]?.opening ?? '');
  }
  await replaceable('earlier.csv', 'name,text,status,prompt_tokens,run_id,error\r\n');
  const line = '{"line":2,"run_id":null,"status":"failed","run":null,"error":null}\n';
  await replaceable('a.jsonl', line);
});

test('does not replace a foreign file, unless it is forced to', async () => {
  for (const text of ['name,status,error\n', '{"line":2}\n', 'A note.', 'text,status\nrun_id,error\n']) {
    await expect(replaceable('b.csv', text)).rejects.toThrow(/does not look like results.*--out.*--force$/);
    await replaceable('b.csv', text, true);
  }
});

test('a place that is a folder is refused', async () => {
  await expect(requireReplaceable({ path: folder, format: 'csv' }, { signal })).rejects.toThrow(
    'it is no file',
  );
});
