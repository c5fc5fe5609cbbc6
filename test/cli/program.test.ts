import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { COMMANDS } from '../../cli/commands.ts';
import { HAS_TMUX, startTmux } from '../../tools/tmux.ts';
import { runEverytoken } from './run-everytoken.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-program-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

const everytoken = (...args: string[]) => runEverytoken(args, dataDir);

/** The status and the errors of the command line with its output in a file. */
const everytokenInto = async (path: string, ...args: string[]) => {
  const file = openSync(path, 'w');
  const program = join(import.meta.dirname, '../../cli/everytoken.ts');
  const child = spawnSync(process.execPath, [program, ...args], { stdio: ['ignore', file, 'pipe'] });
  closeSync(file);
  return [child.status, child.stderr.toString()];
};

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

test('names the command where options stand before it', async () => {
  const { status, err } = await everytoken('--stage', 'prod', 'runs');
  expect(status).toBe(2);
  expect(err).toContain('(options go after the command: npx everytoken runs --stage …)');
});

test.skipIf(!HAS_TMUX)('wraps an error of the command line between words on a terminal', async () => {
  const pane = startTmux([process.execPath, 'cli/everytoken.ts', 'runs', '--limit', 'abc'], { columns: 60 });
  try {
    expect(await pane.ended()).toBe(2);
    expect(pane.lines().slice(0, 2)).toEqual([
      "error: option '--limit <count>' argument 'abc' is invalid:",
      'it takes a whole number of at least 1',
    ]);
  } finally {
    pane.close();
  }
});

test('quotes an argument without the escapes in it', async () => {
  const hostile = 'mod\x1b[31mels\x9b2J\u202e';
  for (const args of [[hostile], ['models', `--${hostile}`], ['runs', '--limit', hostile]]) {
    const { status, err } = await everytoken(...args);
    expect(status).toBe(2);
    expect(err).toContain('models');
    expect(err).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
  }
});

test('says that standard output cannot be written', async () => {
  // A full disk behind a shell's redirection.
  if (!existsSync('/dev/full')) return;
  const ended = await everytokenInto('/dev/full', '--help');
  expect(ended).toEqual([1, 'error: standard output cannot be written (ENOSPC); look at the disk\n']);
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
