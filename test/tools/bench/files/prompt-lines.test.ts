import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  answerOf,
  answerTo,
  requestOf,
  writePromptFile,
} from '../../../../tools/bench/files/prompt-lines.ts';

test('the prompt file is the same each time, a line per request, over 100 MB at 100,000 lines', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'everytoken-lines-'));
  try {
    const path = join(folder, 'a.jsonl');
    const bytes = await writePromptFile(path, 300);
    const text = readFileSync(path, 'utf8');
    expect(Buffer.byteLength(text)).toBe(bytes);
    expect(bytes / 300).toBeGreaterThan(1_050);
    const lines = text.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(lines.map((_, at) => requestOf(at + 1)));
    expect(new Set(lines).size).toBe(300);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the model server answers each line differently', () => {
  expect(answerTo(requestOf(41).prompt).join('')).toBe(answerOf(41));
  expect(answerOf(41)).toBe('This answers row-000041.');
});
