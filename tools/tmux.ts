import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import stringWidth from 'string-width';
import { pollUntil } from './poll-until.ts';

/** Whether tests in a real terminal can run here: `test.skipIf(!HAS_TMUX)`. */
export const HAS_TMUX = spawnSync('tmux', ['-V']).status === 0;
if (!HAS_TMUX) console.warn('tests in a terminal are skipped: install tmux 3.2 or later');

type TmuxOptions = {
  columns: number;
  rows?: number;
  /** Variables of the program, which gets none of this process but `PATH`, `HOME` and `NODE_COMPILE_CACHE`. */
  env?: Record<string, string>;
};

/** A program in a terminal of its own. */
export type TmuxPane = {
  /** All lines so far, those that scrolled away included, without spaces and empty lines at the end. */
  lines(): string[];
  /** The text with the escape sequences of its styles. */
  styled(): string;
  /** Waits until the text matches, and returns its lines. @throws with the text when it never does */
  until(pattern: RegExp, limitMs?: number): Promise<string[]>;
  /** Presses keys by tmux's names: `C-c`, `Enter`, or text. */
  press(...keys: string[]): void;
  resize(columns: number): void;
  /** Waits until the program exits: its status. */
  ended(limitMs?: number): Promise<number>;
  /** Lines that the terminal had to wrap, and those in which an escape can be seen. */
  faults(): string[];
  close(): void;
};

const LIMIT_MS = 60_000;
const root = resolve(import.meta.dirname, '..');

// The pane of a program that has ended stays, so that it can be read. The first line of a config is read by any version.
const CONFIG = [
  'set -g remain-on-exit on',
  'set -g remain-on-exit-format ""',
  'set -g history-limit 20000',
  'set -g status off',
  'set -g default-terminal screen-256color',
].join('\n');

/** tmux 3.3 now and then forgets the exit status of a short program. */
const WITH_STATUS = `trap : INT HUP TERM; "$@"; echo $? > "$0"`;

/**
 * Runs a program in a tmux server of its own, from the repository's folder. Close it, after a failure too.
 *
 * @example
 * const pane = startTmux([process.execPath, 'cli/everytoken.ts', 'models'], { columns: 80 });
 * expect(await pane.until(/everytoken-ngram/)).toContain('…');
 * pane.close();
 */
export const startTmux = (command: string[], { columns, rows = 40, env = {} }: TmuxOptions): TmuxPane => {
  const folder = mkdtempSync(join(tmpdir(), 'tmux-'));
  const config = join(folder, 'config');
  const status = join(folder, 'status');
  const readStatus = () => (existsSync(status) ? readFileSync(status, 'utf8') : '').trim();
  writeFileSync(config, CONFIG);
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE } = process.env;
  const base = { PATH, HOME, LANG: 'C.UTF-8', ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }) };
  const tmux = (...words: string[]): string =>
    execFileSync('tmux', ['-u', '-S', join(folder, 'socket'), '-f', config, ...words], {
      encoding: 'utf8',
      env: base,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const variables = Object.entries({ ...base, ...env }).flatMap(([name, value]) => [
    '-e',
    `${name}=${value}`,
  ]);
  const size = ['-x', `${columns}`, '-y', `${rows}`];
  tmux(
    'new-session',
    '-d',
    ...size,
    ...variables,
    '-c',
    root,
    '--',
    'sh',
    '-c',
    WITH_STATUS,
    status,
    ...command,
  );

  const capture = (...options: string[]) => tmux('capture-pane', '-p', '-S', '-', ...options).trimEnd();
  const lines = () =>
    capture()
      .split('\n')
      .map((line) => line.trimEnd());
  const state = (name: string) => tmux('display-message', '-p', `#{${name}}`).trim();
  return {
    lines,
    styled: () => capture('-e'),
    until: (pattern, limitMs = LIMIT_MS) =>
      pollUntil(
        () => `${pattern} in the terminal, which shows\n${capture()}`,
        () => (pattern.test(capture()) ? lines() : undefined),
        limitMs,
      ),
    press: (...keys) => void tmux('send-keys', ...keys),
    resize: (width) => void tmux('resize-window', '-x', `${width}`),
    ended: async (limitMs = LIMIT_MS) =>
      Number(
        await pollUntil(
          () => `the end of the program, which shows\n${capture()}`,
          () => (state('pane_dead') === '1' && readStatus()) || undefined,
          limitMs,
        ),
      ),
    faults: () => {
      // -J joins the lines that the terminal wrapped.
      const written = capture('-J').split('\n');
      const wrapped = written.filter((line) => stringWidth(line.trimEnd()) > columns);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be seen
      return [...wrapped, ...written.filter((line) => /\x1b|\^\[|\[\d+m/.test(line))];
    },
    close: () => {
      spawnSync('tmux', ['-S', join(folder, 'socket'), 'kill-server'], { env: base });
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};
