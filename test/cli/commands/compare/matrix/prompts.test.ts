import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readPrompts } from '../../../../../cli/commands/compare/matrix/prompts.ts';

const folder = mkdtempSync(join(tmpdir(), 'everytoken-prompts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

test('each row of a table or of JSON Lines is a prompt, and a text is one', async () => {
  expect(await readPrompts(file('a.csv', 'prompt\nOne\n"Two, and more"\n'))).toEqual([
    'One',
    'Two, and more',
  ]);
  const messages = [{ role: 'user', content: 'Hi' }];
  expect(await readPrompts(file('a.jsonl', `{"prompt": "One"}\n${JSON.stringify({ messages })}\n`))).toEqual([
    'One',
    { messages },
  ]);
  expect(await readPrompts(file('a.txt', 'One\nprompt\n'))).toEqual(['One\nprompt']);
});

test('a row with other fields, or without a prompt, is named by its line', async () => {
  await expect(readPrompts(file('b.csv', 'prompt,top_k\nOne,\nTwo,5\n'))).rejects.toThrow(
    /b\.csv:3: .* sets top_k/,
  );
  await expect(readPrompts(file('c.csv', 'prompt,note\nOne,a\n,b\n'))).rejects.toThrow(/c\.csv:3: /);
  await expect(readPrompts(file('d.jsonl', '{"prompt": "One"}\n{"prompt"\n'))).rejects.toThrow(
    /d\.jsonl:2: /,
  );
});

test('more prompts than a comparison takes are refused', async () => {
  const lines = Array.from({ length: 51 }, (_, at) => `Prompt ${at}\n`).join('');
  await expect(readPrompts(file('e.csv', `prompt\n${lines}`))).rejects.toThrow(/more than 50 prompts/);
});
