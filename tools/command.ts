import { type ParseArgsConfig, parseArgs } from 'node:util';

/** A command line that cannot be run as written; the message is all that is printed. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/**
 * The values of the flags in a command line.
 * @throws UsageError with the usage, for anything that is no such flag with its value.
 */
export const readFlags = <const T extends NonNullable<ParseArgsConfig['options']>>(
  args: string[],
  options: T,
  usage: string,
) => {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${usage}`);
  }
};

/** A flag's text as a whole number. @throws UsageError when it is none, or out of range. */
export const wholeNumber = (
  flag: string,
  text: string,
  { least, most, usage }: { least: number; most: number; usage: string },
): number => {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new UsageError(`--${flag}: "${text}" is no whole number from ${least} to ${most}\n${usage}`);
};

/** What is printed for an error in place of its stack, and the exit status. */
type Explained = { message: string; status: number };

const explainUsage = (error: unknown): Explained | undefined =>
  error instanceof UsageError ? { message: error.message, status: 2 } : undefined;

/** Runs a command that resolves to its exit status. An error that `explain` does not know is thrown on. */
export const runCommand = async (
  command: () => Promise<number>,
  explain: (error: unknown) => Explained | undefined = explainUsage,
): Promise<void> => {
  try {
    process.exitCode = await command();
  } catch (error) {
    const explained = explain(error);
    if (!explained) throw error;
    console.error(explained.message);
    process.exitCode = explained.status;
  }
};

/** Ends this process on Ctrl-C and the like, and with it what its `exit` listeners end. */
export const exitOnSignal = (): void => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
};
