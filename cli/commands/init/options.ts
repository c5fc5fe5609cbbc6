import { type Command, Option } from '@commander-js/extra-typings';
import { InvalidArgumentError } from 'commander';
import { UsageError } from '../../command.ts';

export type InitOptions = {
  /** Check and store the SSM parameters of this stage; undefined: none. */
  stage: string | undefined;
  /** Region of the parameters; undefined: the AWS SDK's default. */
  region: string | undefined;
  /** Overwrite stored keys that differ from the given ones. */
  rotate: boolean;
  /** Create and store nothing. */
  checkOnly: boolean;
  /** Generate a few tokens with the default model. */
  tryModel: boolean;
  /** Cloud and region for a missing index. */
  cloud: string;
  indexRegion: string;
  /** Of each request. */
  timeoutMs: number;
};

const CLOUDS = ['aws', 'gcp', 'azure'] as const;
const LONGEST_SECONDS = 300;

const stageName = (text: string): string => {
  if (/^[A-Za-z][A-Za-z0-9-]{0,31}$/.test(text)) return text;
  throw new InvalidArgumentError('Give a name of letters, digits and hyphens, such as prod.');
};

const seconds = (text: string): number => {
  const value = Number(text);
  if (value > 0 && value <= LONGEST_SECONDS) return value;
  throw new InvalidArgumentError(`Give seconds, up to ${LONGEST_SECONDS}.`);
};

export const withInitOptions = (command: Command) =>
  command
    .option(
      '--stage <name>',
      'check the SSM parameters of a stage, too, and store missing keys that work',
      stageName,
    )
    .option('--region <name>', 'region of the parameters, the same as for serverless deploy')
    .option('--rotate', 'overwrite stored keys with those set here')
    .addOption(new Option('--check', 'create and store nothing').conflicts('rotate'))
    .option('--try', 'generate up to 16 tokens with the default model, at its price')
    .addOption(
      new Option('--cloud <name>', 'cloud for a missing index').choices(CLOUDS).default('aws' as const),
    )
    .option('--region-of-index <name>', 'region for a missing index', 'us-east-1')
    .option('--timeout <seconds>', 'timeout of each request', seconds, 15)
    .option('--json', 'print JSON, for programs');

/** @throws {UsageError} when an option lacks the one that it needs */
export const initOptionsOf = (given: ReturnType<ReturnType<typeof withInitOptions>['opts']>): InitOptions => {
  const { stage, region, rotate = false, check = false, cloud, regionOfIndex, timeout } = given;
  if (stage === undefined && (rotate || region !== undefined))
    throw new UsageError('--region and --rotate need --stage');
  return {
    stage,
    region,
    rotate,
    checkOnly: check,
    tryModel: given.try ?? false,
    cloud,
    indexRegion: regionOfIndex,
    timeoutMs: timeout * 1_000,
  };
};
