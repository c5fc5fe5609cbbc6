import { join } from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { EverytokenError } from '../lib/errors.ts';

/** The repository's folder, where `.env` and the data folders are. */
export const ROOT = join(import.meta.dirname, '..');

/** The names of AWS's errors about credentials and what they allow. */
export const CREDENTIALS_ERROR = /Credentials|UnrecognizedClient|AccessDenied|Signature|ExpiredToken/;

/** Why a command cannot do what it was told, in one line with the remedy. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** `run` takes the words after the command's name and gives the exit status. It throws `CommandError`. */
export type Command = { summary: string; run: (words: string[]) => Promise<number> };

/** A command that explains itself when --help is among its words. `usage` and `help` are what it prints then. */
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

/** Runs the command that the first word names. Without words it prints the help and gives status 2. */
export const chooseCommand =
  ({ name, kind, help, commands }: CommandChoice): Command['run'] =>
  async ([first, ...words]) => {
    const prefix = name === undefined ? '' : `${name} `;
    if (first === undefined || isHelp(first)) {
      printHelp(`${prefix}<${kind}>`, help);
      return first === undefined ? 2 : 0;
    }
    const command = Object.hasOwn(commands, first) ? commands[first] : undefined;
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

/** Makes the errors for words that a command does not take: why, where that is known, and what to write instead. */
export const misuseOf =
  (usage: string) =>
  (why?: string): CommandError =>
    new CommandError(`${why === undefined ? '' : `${why}; `}write npx everytoken ${usage}`);

/** What `parseArgs` gives. Throws what `misuse` makes of its message. */
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

/** Runs `work`. Errors of AWS's clients become `CommandError`s that name `place` and a remedy; ours say enough. */
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
  if (CREDENTIALS_ERROR.test(name)) return 'check the AWS credentials (AWS_PROFILE) and what they may do';
  return 'check that it runs and can be reached (npm start for the local stack)';
};
