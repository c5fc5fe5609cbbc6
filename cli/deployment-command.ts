import type { Command, OptionValues } from '@commander-js/extra-typings';
import { EverytokenError } from '../lib/errors.ts';
import { JSON_OPTION, REGION_OPTION, STAGE_OPTION, targetOptions } from './api-command.ts';
import { CommandError, CREDENTIALS_ERROR } from './command.ts';
import { ExitStatus } from './exit-status.ts';
import { PROGRAM } from './program-name.ts';
import { type Deployment, findDeployment } from './target/deployment.ts';
import { printNote } from './terminal/note.ts';
import { printableJson, printableLine } from './terminal/printable.ts';
import { makeScreen, type Screen } from './terminal/screen.ts';

/** Adds the options of every command that works on the stores of a deployment. */
export const withDeployment = <Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
) =>
  command
    .option(...STAGE_OPTION)
    .option(...REGION_OPTION)
    .option(...JSON_OPTION);

export type DeploymentOptions = {
  stage?: string | undefined;
  region?: string | undefined;
  json?: true | undefined;
};

export type DeploymentContext = {
  deployment: Deployment;
  /** Standard output. */
  screen: Screen;
  /** Prints a value as JSON on standard output. */
  json: (value: unknown) => void;
  /** A line on standard error: it is for people, and no part of the result. */
  note: (text: string) => void;
  /** The command line of another command on the same deployment. */
  again: (words: string) => string;
};

/**
 * Does the work of a command on the deployment that its options name, says which one that is, and sets the exit status.
 * `named` replaces the one that the options name. Clients of AWS that are made in `work` lead to it, and their errors
 * become one line with the remedy. `work` returns the status, or nothing for 0.
 */
export const useDeployment = async (
  options: DeploymentOptions,
  work: (context: DeploymentContext) => Promise<number> | Promise<void>,
  named?: Deployment,
): Promise<void> => {
  const deployment = named ?? (await findDeployment(options, process.env));
  const { name, kind, environment } = deployment;
  const errors = makeScreen(process.stderr, process.env);
  const screen = makeScreen(process.stdout, process.env);
  const table = kind === 'variables' ? [] : [`table ${environment.TABLE_NAME}`];
  errors.line(errors.dim(printableLine(`· ${[name, ...table].join(' · ')}`)));
  const given = Object.entries(environment).filter(([, value]) => value !== undefined);
  Object.assign(process.env, Object.fromEntries(given)); // AWS clients read addresses and keys from there
  try {
    const status = await work({
      deployment,
      screen,
      json: (value) => screen.line(printableJson(value)),
      note: (text) => printNote(errors, printableLine(text)),
      again: (words) =>
        `${PROGRAM} ${words}${targetOptions({ stage: options.stage, region: options.region })}`,
    });
    process.exitCode = status ?? ExitStatus.ok;
  } catch (error) {
    if (error instanceof EverytokenError || error instanceof CommandError || isOwnFault(error)) throw error;
    const { name: code, message } = error as Error;
    throw new CommandError(`${name}: ${message || code}; ${remedyFor(code, message, kind)}`, {
      cause: error,
    });
  }
};

/** An error of the program itself, for which no remedy of a deployment helps. */
const isOwnFault = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;

const remedyFor = (code: string, message: string, kind: Deployment['kind']): string => {
  if (message.startsWith('Region ')) return 'set AWS_REGION';
  if (/^(ResourceNotFoundException|NoSuchBucket|QueueDoesNotExist)$/.test(code))
    return {
      local: 'stop the stack and start it again',
      stage: 'the stack names something that is gone: deploy it again',
      variables: 'check TABLE_NAME, CONTENT_BUCKET, the URL of the queue and AWS_REGION',
    }[kind];
  if (CREDENTIALS_ERROR.test(code)) return 'check the AWS credentials (AWS_PROFILE) and their permissions';
  return kind === 'local'
    ? `check that it runs (${PROGRAM} start)`
    : 'check that it is reachable, and AWS_REGION and AWS_ENDPOINT_URL';
};
