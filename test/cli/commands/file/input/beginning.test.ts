import { expect, test } from 'vitest';
import { readBeginning } from '../../../../../cli/commands/file/input/beginning.ts';
import type { LocalFile } from '../../../../../cli/commands/file/input/local-file.ts';
import { parseFileDefaults } from '../../../../../lib/files/formats/file-defaults.ts';
import type { PromptFormat } from '../../../../../lib/files/formats/format-of-key.ts';

const fileOf = (text: string, format: PromptFormat = 'csv'): LocalFile => {
  const content = new Blob([text]);
  return {
    path: `some/products.${format}`,
    name: `products.${format}`,
    format,
    size: content.size,
    mtimeMs: 0,
    content,
  };
};

const DEFAULTS = parseFileDefaults({ prompt: 'Describe {{name}}.' });
const templateOf = (prompt: string) => parseFileDefaults({ prompt });

test('is the whole text of a small file', async () => {
  const text = 'name\na queue\n';
  expect(await readBeginning(fileOf(text), DEFAULTS)).toEqual({ content: text, share: 1 });
});

test('names each variable that is no column, and the one that was probably meant', async () => {
  const file = fileOf('name;colour;temperature\na;red;1\n');
  await expect(readBeginning(file, templateOf('{{nam}} {{size}} {{temperature}}'))).rejects.toThrow(
    'the template asks for {{nam}} (did you mean {{name}}?), {{size}}, {{temperature}}, but the column temperature sets the field of a run; rename it; columns of some/products.csv are name, colour',
  );
});

test('warns of a template that a column prompt goes before', async () => {
  const file = fileOf('prompt,name\nExplain queues.,a\n');
  expect((await readBeginning(file, DEFAULTS)).warning).toMatch(/has a column prompt, which goes before/);
  expect((await readBeginning(file, templateOf('{{prompt}} {{name}}'))).warning).toBeUndefined();
});

test('says what is missing of a table without prompts', async () => {
  await expect(readBeginning(fileOf('name\na\n'), parseFileDefaults({}))).rejects.toThrow(
    'some/products.csv: there is no column prompt (columns: name), and no template; name a column prompt, or give a --template',
  );
});

test.each([1, 3])(
  'ends a part behind a whole row, also where cells have line breaks (%i bytes a letter)',
  async (bytes) => {
    const letter = bytes === 1 ? 'x' : '€';
    const rows = Array.from({ length: 400 }, (_, at) => `"${letter}\n${at}",2\r\n`);
    const file = fileOf(`name,n\n${rows.join('')}`);
    for (const max of [700, 701, 702, 703, 704, 705]) {
      const { content, share } = await readBeginning(file, DEFAULTS, max);
      expect(content).toMatch(/^name,n\n("[x€]\n\d+",2\r\n)+$/);
      expect(share).toBeCloseTo(Buffer.byteLength(content) / file.size);
      expect(Buffer.byteLength(content)).toBeGreaterThan(max / 2);
    }
  },
);

test('takes less of a text that JSON makes longer than the API takes', async () => {
  const row = `${'"'.repeat(700)},a\n`;
  const { content, share } = await readBeginning(fileOf(`x,name\n${row.repeat(2_000)}`), DEFAULTS);
  expect(Buffer.byteLength(JSON.stringify(content))).toBeLessThan(1024 * 1024);
  expect(share).toBeLessThan(0.5);
});

test('takes the first requests of a list', async () => {
  const list = Array.from({ length: 100 }, (_, at) => ({ prompt: `Explain ${at}.` }));
  const { content, share } = await readBeginning(
    fileOf(JSON.stringify(list), 'json'),
    parseFileDefaults({}),
    500,
  );
  const some = JSON.parse(content);
  expect(some).toEqual(list.slice(0, some.length));
  expect(share).toBe(some.length / 100);
});

test('says of a file whose first row is longer than what is read that it is', async () => {
  const file = fileOf(`prompt\n${'x '.repeat(500_000)}\n`);
  await expect(readBeginning(file, parseFileDefaults({}))).rejects.toThrow(
    'some/products.csv: the first row has over 786432 bytes; no estimate is possible',
  );
});
