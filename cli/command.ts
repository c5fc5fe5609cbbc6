import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from '@commander-js/extra-typings';

const REPOSITORY = join(import.meta.dirname, '..');

/** Whether this runs from the sources of a repository, and not as the packed command line. */
export const IS_CHECKOUT = existsSync(join(REPOSITORY, 'serverless.yml'));

/**
 * The folder of `.env` and of data folders: the repository's; for the packed command line, which is in no repository,
 * the one where it is started.
 */
export const ROOT = IS_CHECKOUT ? REPOSITORY : process.cwd();

/** Matches the names of AWS errors about credentials and permissions. */
export const CREDENTIALS_ERROR = /Credentials|UnrecognizedClient|AccessDenied|Signature|ExpiredToken/;

/** A command's place in the help, and how its module is loaded. */
export type CommandEntry = {
  name: string;
  /** One line, in lower case and without a full stop. */
  summary: string;
  /** The heading of the top-level help under which it stands. */
  group?: string;
  /** The action of its group when the command line names none. */
  isDefault?: true;
} & ({ load: () => Promise<{ define: Define }> } | { commands: readonly CommandEntry[] });

/** Adds a command's arguments, options, examples and action. Heavy modules are imported by the action. */
export type Define = (command: Command) => void;

/** A description whose lines are joined to paragraphs, which commander wraps to the terminal. */
export const prose = (text: string): string => text.replace(/(?<!\n)\n(?!\n)/g, ' ');

/** The widest example beside which others are explained in a column. */
const WIDEST_EXAMPLE = 50;

/** The text of `--help` below the options: each example with its explanation, in columns. */
export const examples = (...lines: readonly (readonly [command: string, explanation: string])[]): string => {
  const widths = lines.map(([command]) => command.length).filter((width) => width <= WIDEST_EXAMPLE);
  const width = Math.max(0, ...widths);
  return `\nExamples:\n${lines.map(([command, text]) => `  ${command.padEnd(width)}  ${text}`.trimEnd()).join('\n')}`;
};

/** A failure that the user can fix: its message is one line with the reason and the remedy. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** A wrong command line: the exit status is 2. Errors that one option or argument shows are commander's. */
export class UsageError extends CommandError {}
