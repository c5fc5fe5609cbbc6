import { misuseOf, parseWords } from '../command.ts';

export type InitOptions = {
  /** Whose SSM parameters are looked at and stored; without it none are. */
  stage: string | undefined;
  /** Of the parameters; what the AWS SDK finds by itself when left out. */
  region: string | undefined;
  /** Overwrites stored keys that are others than those given here. */
  rotates: boolean;
  /** Creates and stores nothing. */
  looksOnly: boolean;
  /** Asks the default model for a few tokens. */
  tries: boolean;
  /** Where a missing index is created. */
  cloud: string;
  indexRegion: string;
  /** For each request. */
  timeoutMs: number;
};

/** The command with its options, for help and errors. */
export const INIT_USAGE =
  'init [--stage NAME [--region NAME] [--rotate]] [--check] [--try] [--cloud NAME] [--region-of-index NAME] [--timeout SECONDS]';
const CLOUDS = ['aws', 'gcp', 'azure'];
const LONGEST_SECONDS = 300;

const misuse = misuseOf(INIT_USAGE);

/** Throws `CommandError` with the usage for anything unknown or out of range. */
export const parseInitOptions = (args: string[]): InitOptions => {
  const values = valuesOf(args);
  const { stage, region, rotate, check, cloud } = values;
  const seconds = Number(values.timeout);
  if (stage !== undefined && !/^[A-Za-z][A-Za-z0-9-]{0,31}$/.test(stage))
    throw misuse('--stage takes the name of a stage, such as prod');
  if (stage === undefined && (rotate || region !== undefined))
    throw misuse('--region and --rotate need --stage');
  if (rotate && check) throw misuse('--check stores nothing, --rotate does');
  if (!CLOUDS.includes(cloud)) throw misuse(`--cloud takes one of ${CLOUDS.join(', ')}`);
  if (!(seconds > 0 && seconds <= LONGEST_SECONDS))
    throw misuse(`--timeout takes seconds, up to ${LONGEST_SECONDS}`);
  return {
    stage,
    region,
    rotates: rotate,
    looksOnly: check,
    tries: values.try,
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
