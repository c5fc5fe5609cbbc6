import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ALL_CLIENTS } from '../../../../tools/verify/clients/clients.ts';
import { snippetsOf } from '../../../../tools/verify/clients/snippets.ts';
import { type ClientResults, writeTable } from '../../../../tools/verify/clients/table.ts';

const [client = { name: '', program: '', package: '' }] = ALL_CLIENTS;
const passed = (...checks: string[]) => checks.map((check) => ({ check, passed: true }));
const results: ClientResults['results'] = {
  local: [...passed('whole', 'streamed'), { check: 'tools', passed: false, message: 'no call' }],
  scripted: passed('whole', 'streamed', 'tools'),
};

test('a check that failed with a model is told with it, and one that a client does not have is left empty', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'everytoken-table-')), 'page.md');
  writeFileSync(file, 'before\n<!-- clients -->\nan older table\n<!-- /clients -->\nafter\n');
  writeTable(file, [{ client, version: '7.1.0', results }], '2026-11-30');
  expect(readFileSync(file, 'utf8')).toBe(
    [
      'before',
      '<!-- clients -->',
      '',
      '| client, on 2026-11-30 | version | whole | streamed | structured | tools | tools streamed |',
      '|---|---|---|---|---|---|---|',
      '| OpenAI SDK for Node | 7.1.0 | yes | yes |  | not with the local model |  |',
      '',
      '<!-- /clients -->',
      'after',
      '',
    ].join('\n'),
  );
});

test('a document without a place for the table is refused', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'everytoken-table-')), 'page.md');
  writeFileSync(file, 'nothing\n');
  expect(() => writeTable(file, [])).toThrow('has no <!-- clients -->');
});

test('a program in a document is found by its mark, for the address of another API', () => {
  const page = [
    '```js\nother();\n```',
    '<!-- snippet: a.mjs -->\n```js\nask("http://127.0.0.1:3000/v1");\n```',
  ].join('\n\n');
  expect(snippetsOf(page, 'http://127.0.0.1:1/v1')).toEqual([
    { name: 'a.mjs', text: 'ask("http://127.0.0.1:1/v1");\n' },
  ]);
});
