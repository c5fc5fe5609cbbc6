import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { COMMANDS } from '../../cli/commands.ts';
import { runEverytoken } from './run-everytoken.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-program-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

const everytoken = (...args: string[]) => runEverytoken(args, dataDir);

test('lists every command with its summary, without arguments and by --help', async () => {
  const [bare, asked] = await Promise.all([everytoken(), everytoken('--help')]);
  expect(bare).toEqual(asked);
  expect([asked.status, asked.err]).toEqual([0, '']);
  const text = asked.out.replace(/\s+/g, ' ');
  for (const { name, summary } of COMMANDS) expect(text).toContain(`${name} ${summary}`);
});

test('suggests a command or an option for a misspelt one, and exits with 2', async () => {
  const [command, option] = await Promise.all([everytoken('modles'), everytoken('models', '--jsno')]);
  expect([command.status, command.out]).toEqual([2, '']);
  expect(command.err).toContain("unknown command 'modles'\n(Did you mean models?)");
  expect([option.status, option.out]).toEqual([2, '']);
  expect(option.err).toContain("unknown option '--jsno'\n(Did you mean --json?)");
});

test('prints the help of a command by --help and by help', async () => {
  const [flag, word] = await Promise.all([everytoken('models', '--help'), everytoken('help', 'models')]);
  expect(flag).toEqual(word);
  expect(flag.out).toMatch(/^Usage: everytoken models \[options\] \[filter\]\n/);
  expect(flag.out).toContain('Examples:');
});

test('prints the version', async () => {
  expect((await everytoken('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});
