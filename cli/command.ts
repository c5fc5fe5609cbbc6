import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Command as CommanderCommand } from '@commander-js/extra-typings';
import { EverytokenError } from '../lib/errors.ts';
import { own } from '../lib/json/value.ts';

const REPOSITORY = join(import.meta.dirname, '..');

/**
 * The folder of `.env` and of data folders: the repository's; for the packed command line, which is in no repository,
 * the one where it is started.
 */
export const ROOT = existsSync(join(REPOSITORY, 'serverless.yml')) ? REPOSITORY : process.cwd();

/** Matches the names of AWS errors about credentials and permissions. */
export const CREDENTIALS_ERROR = /Credentials|UnrecognizedClient|AccessDenied|Signature|ExpiredToken/;

/** A command's place in the help, and how its module is loaded. */
export type CommandEntry = {
  name: string;
  /** One line, in lower case and without a full stop. */
  summary: string;
  /** The heading of the top-level help under which it stands. */
  group?: string;
} & ({ load: () => Promise<{ define: Define }> } | { commands: readonly CommandEntry[] });

/** Adds a command's arguments, options, examples and action. Heavy modules are imported by the action. */
export type Define = (command: CommanderCommand) => void;

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

/** `run` takes the arguments after the command's name and resolves to the exit status; it throws `CommandError`. */
export type Command = { summary: string; run: (words: string[]) => Promise<number> };

/** Makes a command that prints `usage` and `help` when its arguments contain --help. */
export const makeCommand = ({
  summary,
  usage,
  help,
  run,
}: Command & { usage: string; help: string }): Command => ({
  summary,
  run: async (words) => {
    if (!words.some(isHelp)) return run(words);
    printHelp(usage, help);
    return 0;
  },
});

/** Runs the command that the first argument names. Without arguments it prints the help and resolves to status 2. */
export const chooseCommand =
  ({ name, kind, help, commands }: CommandChoice): Command['run'] =>
  async ([first, ...words]) => {
    const prefix = name === undefined ? '' : `${name} `;
    if (first === undefined || isHelp(first)) {
      printHelp(`${prefix}<${kind}>`, help);
      return first === undefined ? 2 : 0;
    }
    const command = own(commands, first);
    if (!command)
      throw new CommandError(`there is no ${kind} '${first}': see npx everytoken ${prefix}--help`);
    return command.run(words);
  };

type CommandChoice = {
  /** The word before the choice, as in `keys <action>`. */
  name?: string;
  kind: 'command' | 'action';
  help: string;
  commands: Record<string, Command>;
};

const isHelp = (word: string): boolean => word === '--help' || word === '-h';

const printHelp = (usage: string, help: string): void =>
  console.log(`Usage: npx everytoken ${usage}\n\n${help}`);

/** Makes the errors for wrong arguments of a command: the reason, if there is one, and the usage. */
export const misuseOf =
  (usage: string) =>
  (why?: string): CommandError =>
    new CommandError(`${why === undefined ? '' : `${why}; `}usage: npx everytoken ${usage}`);

/** Calls `parseArgs`. Throws the error that `misuse` makes from its message. */
export const parseWords = <T extends ParseArgsConfig>(
  config: T,
  misuse = (why: string) => new CommandError(why),
): ReturnType<typeof parseArgs<T>> => {
  try {
    return parseArgs(config);
  } catch (error) {
    throw misuse((error as Error).message);
  }
};

/** Runs `work` and turns errors of AWS clients into `CommandError`s with `place` and a remedy. Our own errors pass. */
export const withRemedies = async <T>(place: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof EverytokenError || error instanceof CommandError) throw error;
    const { name, message } = error as Error;
    throw new CommandError(`${place}: ${message || name}; ${remedyFor(name, message)}`, { cause: error });
  }
};

const remedyFor = (name: string, message: string): string => {
  if (message.startsWith('Region ')) return 'set AWS_REGION';
  if (name === 'ResourceNotFoundException') return 'check TABLE_NAME and AWS_REGION';
  if (name === 'QueueDoesNotExist') return "check the queue's URL and AWS_REGION";
  if (name === 'NoSuchBucket') return 'check CONTENT_BUCKET and AWS_REGION';
  if (CREDENTIALS_ERROR.test(name)) return 'check the AWS credentials (AWS_PROFILE) and their permissions';
  return 'check that it runs and is reachable (npm start for the local stack)';
};

/** The definition of a command that reads its own words. */
export const entryOf = (command: Command): { define: Define } => ({
  define: (commander) => {
    commander
      .argument('[words...]')
      .allowUnknownOption()
      .helpOption(false)
      .action(async (words) => {
        process.exitCode = await command.run(words);
      });
  },
});
