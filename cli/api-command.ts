import type { Command, OptionValues } from '@commander-js/extra-typings';
import type { Everytoken } from '../client/index.ts';
import { CommandError } from './command.ts';
import { ExitStatus } from './exit-status.ts';
import { PROGRAM } from './program-name.ts';
import { findTarget, type Target, type TargetOptions } from './target/target.ts';
import { printNote } from './terminal/note.ts';
import { printableJson, printableLine } from './terminal/printable.ts';
import { makeScreen, type Screen } from './terminal/screen.ts';

export const STAGE_OPTION = [
  '--stage <name>',
  'a deployed stage, found by the outputs of its stack',
] as const;
export const REGION_OPTION = ['--region <name>', 'the region of --stage, instead of AWS_REGION'] as const;
export const JSON_OPTION = [
  '--json',
  'print JSON, for programs: times in ISO 8601, figures unrounded',
] as const;

/** Adds the options of every command that speaks to an API. */
export const withApi = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
) =>
  command
    .option(...STAGE_OPTION)
    .option(...REGION_OPTION)
    .option('--api <url>', 'an address of the API, instead of a stage')
    .option(...JSON_OPTION);

/** Adds `--csv`, for commands that print a table. */
export const withTable = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
) => command.option('--csv', 'print the table as CSV');

export type ApiOptions = TargetOptions & { json?: true | undefined };

export type ApiContext = {
  client: Everytoken;
  target: Target;
  /** Standard output. */
  screen: Screen;
  /** Prints a value as JSON on standard output. */
  json: (value: unknown) => void;
  /** Standard error. */
  errors: Screen;
  /** A line on standard error: it is for people, and no part of the result. */
  note: (text: string) => void;
  /** The command line of another command on the same deployment. */
  again: (words: string) => string;
  /** Aborted by the first Ctrl-C; pass it to each call. The second one ends the process. */
  signal: AbortSignal;
};

/**
 * Does the work of a command with the API that its options name, says which one that is, and sets the exit status.
 * `work` returns the status, or nothing for 0; it throws errors, which everytoken.ts explains.
 */
export const useApi = async (
  options: ApiOptions,
  work: (context: ApiContext) => Promise<number> | Promise<void>,
): Promise<void> => {
  const target = await findTarget(options, process.env);
  const { createClient } = await import('../client/index.ts');
  const errors = makeScreen(process.stderr, process.env);
  const screen = makeScreen(process.stdout, process.env);
  errors.line(errors.dim(`· ${target.name} · ${target.api}`));
  const aborter = new AbortController();
  const interrupt = () => {
    if (aborter.signal.aborted) process.exit(ExitStatus.interrupted);
    aborter.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    const status = await work({
      client: createClient({ baseUrl: target.api, apiKey: target.apiKey }),
      target,
      screen,
      json: (value) => screen.line(printableJson(value)),
      errors,
      note: (text) => printNote(errors, text),
      again: (words) => `${PROGRAM} ${words}${sameTarget(options, target)}`,
      signal: aborter.signal,
    });
    process.exitCode = status ?? ExitStatus.ok;
  } catch (error) {
    if (!isOfLanguage(error)) throw error;
    throw new CommandError(
      `the answer of ${target.api} is not as this version knows it (${error.message}); check that the address is an API of everytoken, and that both have the same version`,
      { cause: error },
    );
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
};

/** Answers are not validated: one that lacks a field, or has another type, fails where it is read. */
const isOfLanguage = (error: unknown): error is Error =>
  [TypeError, RangeError, SyntaxError, URIError].some((type) => error instanceof type);

const sameTarget = ({ stage, region, ...options }: TargetOptions, { api }: Target): string =>
  targetOptions({ stage, region, api: options.api && api });

/** The options that name a deployment, as they are written on the command line, after a space. */
export const targetOptions = (named: TargetOptions): string =>
  Object.entries(named)
    .flatMap(([name, value]) => (value === undefined ? [] : ` --${name} ${printableLine(value)}`))
    .join('');
