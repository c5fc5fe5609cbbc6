import { misuseOf, parseWords } from '../command.ts';

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

/** The command with its options, for help and errors. */
export const INIT_USAGE =
  'init [--stage NAME [--region NAME] [--rotate]] [--check] [--try] [--cloud NAME] [--region-of-index NAME] [--timeout SECONDS]';
const CLOUDS = ['aws', 'gcp', 'azure'];
const LONGEST_SECONDS = 300;

const misuse = misuseOf(INIT_USAGE);

/** @throws {CommandError} with the usage, when an option is unknown or out of range */
export const parseInitOptions = (args: string[]): InitOptions => {
  const values = valuesOf(args);
  const { stage, region, rotate, check, cloud } = values;
  const seconds = Number(values.timeout);
  if (stage !== undefined && !/^[A-Za-z][A-Za-z0-9-]{0,31}$/.test(stage))
    throw misuse('--stage takes a name of letters, digits and hyphens, such as prod');
  if (stage === undefined && (rotate || region !== undefined))
    throw misuse('--region and --rotate need --stage');
  if (rotate && check) throw misuse('--check and --rotate exclude each other: --check stores nothing');
  if (!CLOUDS.includes(cloud)) throw misuse(`--cloud takes one of ${CLOUDS.join(', ')}`);
  if (!(seconds > 0 && seconds <= LONGEST_SECONDS))
    throw misuse(`--timeout takes seconds, up to ${LONGEST_SECONDS}`);
  return {
    stage,
    region,
    rotate,
    checkOnly: check,
    tryModel: values.try,
    cloud,
    indexRegion: values['region-of-index'],
    timeoutMs: seconds * 1_000,
  };
};

const valuesOf = (args: string[]) =>
  parseWords(
    {
      args,
      options: {
        stage: { type: 'string' },
        region: { type: 'string' },
        rotate: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
        try: { type: 'boolean', default: false },
        cloud: { type: 'string', default: 'aws' },
        'region-of-index': { type: 'string', default: 'us-east-1' },
        timeout: { type: 'string', default: '15' },
      },
    },
    misuse,
  ).values;
