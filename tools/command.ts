import { type ParseArgsConfig, parseArgs } from 'node:util';

/** An invalid command line. Only its message is printed, without a stack. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** `--help` was given. Its message is the usage, which goes to standard output. */
class HelpAsked extends Error {}

/**
 * Parses the flags of a command line. With `--help` the command that `runCommand` runs prints the usage and ends.
 * @throws {UsageError} with the usage, when an argument is not one of these flags with its value
 *
 * @example
 * const { lines } = readFlags(args, { lines: { type: 'string', default: '100' } }, 'usage: bench [--lines N]');
 */
export const readFlags = <const T extends NonNullable<ParseArgsConfig['options']>>(
  args: string[],
  options: T,
  usage: string,
) => {
  if (args.includes('--help')) throw new HelpAsked(usage);
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${usage}`);
  }
};

/**
 * Parses the value of a flag as a whole number.
 * @throws {UsageError} when it is not a whole number from `least` to `most`
 */
export const wholeNumber = (
  flag: string,
  text: string,
  { least, most, usage }: { least: number; most: number; usage: string },
): number => {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new UsageError(`--${flag}: "${text}" is not a whole number from ${least} to ${most}\n${usage}`);
};

/** The message printed instead of an error's stack, and the exit status. */
type Explained = { message: string; status: number };

const explainUsage = (error: unknown): Explained | undefined =>
  error instanceof UsageError ? { message: error.message, status: 2 } : undefined;

/** Runs a command that resolves to its exit status. Rethrows an error for which `explain` returns undefined. */
export const runCommand = async (
  command: () => Promise<number>,
  explain: (error: unknown) => Explained | undefined = explainUsage,
): Promise<void> => {
  try {
    process.exitCode = await command();
  } catch (error) {
    if (error instanceof HelpAsked) {
      console.log(error.message);
      return;
    }
    const explained = explain(error);
    if (!explained) throw error;
    console.error(explained.message);
    process.exitCode = explained.status;
  }
};

/** Exits on SIGINT and SIGTERM, so that the `exit` listeners run and can kill child processes. */
export const exitOnSignal = (): void => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
};
