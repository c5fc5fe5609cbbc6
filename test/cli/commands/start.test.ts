import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runEverytoken } from '../run-everytoken.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'everytoken-start-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test('--help starts nothing, and has the options, examples and every variable', async () => {
  const { status, out } = await runEverytoken(['start', '--help'], dataDir);
  expect(status).toBe(0);
  for (const text of [
    '--verbose',
    '--port <number>',
    '--data-dir <folder>',
    'Examples:',
    'EVERYTOKEN_API_KEYS',
    'PRICES',
  ])
    expect(out).toContain(text);
  expect(readdirSync(dataDir)).toEqual([]);
});

test.each([
  [['--port', '70000'], /--port <number>.*70000.*whole number from 0 to 65535/],
  [['--prot', '3000'], /unknown option '--prot'/],
  [['now'], /too many arguments/],
])('%j is a wrong command line, and starts nothing', async (args, message) => {
  const { status, err } = await runEverytoken(['start', ...args], dataDir);
  expect(status).toBe(2);
  expect(err).toMatch(message);
  expect(readdirSync(dataDir)).toEqual([]);
});

test.each([
  [{ PRICES: '{' }, /^error: PRICES is not JSON: write it as PRICES='/],
  [{ EMBEDDING_DIMENSIONS: 'abc' }, /^error: EMBEDDING_DIMENSIONS is 'abc': set it to a whole number/],
])(
  'with %j it ends before anything starts, with one line that says what to write',
  async (variables, message) => {
    const { status, out, err } = await runEverytoken(['start'], dataDir, variables as Record<string, string>);
    expect([status, out]).toEqual([1, '']);
    expect(err.trimEnd().split('\n')).toEqual([expect.stringMatching(message)]);
    expect(readdirSync(dataDir)).toEqual([]);
  },
);
