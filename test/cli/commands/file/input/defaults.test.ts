import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fieldsOf, mergedDefaults } from '../../../../../cli/commands/file/input/defaults.ts';

const folder = mkdtempSync(join(tmpdir(), 'everytoken-defaults-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string | Uint8Array): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

test('options go before the file beside the table; metadata is merged', async () => {
  const path = write('a.csv', 'name\n');
  const beside = {
    messages: [{ role: 'user', content: '{{name}}' }],
    temperature: 1,
    metadata: { team: 'a', x: 'y' },
  };
  write('a.csv.defaults.json', JSON.stringify({ defaults: beside }));
  const template = write('t.txt', 'Describe {{name}}.\r\n');
  const own = await fieldsOf({ template, maxTokens: 20, metadata: [['team', 'b']], default: [['seed', 1]] });
  const { fields, sidecar } = await mergedDefaults(path, own);
  expect(sidecar).toBe(`${path}.defaults.json`);
  expect(fields).toEqual({
    prompt: 'Describe {{name}}.',
    max_tokens: 20,
    temperature: 1,
    seed: 1,
    metadata: { team: 'b', x: 'y' },
  });
});

test('names a wrong field and a wrong file', async () => {
  const path = write('b.csv', 'name\n');
  await expect(mergedDefaults(path, { top_q: 1 })).rejects.toThrow(/defaults.*top_q/);
  write('b.csv.defaults.json', '{"max_tokens": 60');
  await expect(mergedDefaults(path, {})).rejects.toThrow('b.csv.defaults.json is not valid JSON');
});

test('says why a template cannot be used', async () => {
  await expect(fieldsOf({ template: join(folder, 'none.txt') })).rejects.toThrow('cannot be read');
  await expect(fieldsOf({ template: write('empty.txt', '\n') })).rejects.toThrow('is empty');
  await expect(fieldsOf({ template: write('latin.txt', Uint8Array.of(0xfc)) })).rejects.toThrow(
    'is not UTF-8',
  );
});
