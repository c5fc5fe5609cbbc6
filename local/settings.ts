import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { own } from './json.ts';
import { StackError } from './stack-error.ts';

/** The user's variables, none of them empty. Those of the environment take precedence over those of `.env`. */
export type UserVariables = Record<string, string>;

export type Settings = { port: number; dataDir: string; pace: number; variables: UserVariables };

/**
 * The variables of the environment and of `.env` in `root`. An empty one of the environment removes that of `.env`, so
 * that a stack can start without it.
 */
export const readVariables = (root: string, env: Record<string, string | undefined>): UserVariables =>
  given({ ...readDotEnv(root), ...env });

const readDotEnv = (root: string): Record<string, string | undefined> => {
  const file = join(root, '.env');
  return existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
};

/**
 * Reads the settings of the local stack from the environment and from `.env` in `root`. `pace` is in tokens per second.
 *
 * @throws {StackError} that names the first invalid variable.
 *
 * @example
 * const settings = readSettings(process.cwd());
 */
export const readSettings = (
  root: string,
  env: Record<string, string | undefined> = process.env,
  defaults: { dataDir: string } = { dataDir: '.everytoken' },
): Settings => {
  const variables = readVariables(root, env);
  for (const name of COUNTS) checkCount(variables, name);
  checkKeys(variables.EVERYTOKEN_API_KEYS);
  return {
    port: numberOf(variables, 'PORT', 3000, 65_535),
    dataDir: resolve(root, variables.EVERYTOKEN_DATA_DIR ?? defaults.dataDir),
    pace: numberOf(variables, 'EVERYTOKEN_LOCAL_PACE', 90, 1_000_000),
    variables,
  };
};

const given = (env: Record<string, string | undefined>): UserVariables =>
  Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => (entry[1] ?? '') !== ''),
  );

const numberOf = (variables: UserVariables, name: string, fallback: number, max: number): number => {
  const text = own(variables, name);
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0 || value > max || (name === 'PORT' && !Number.isInteger(value))) {
    throw new StackError(
      `${name} is '${text}': set it to a number from 0 to ${max}, or leave it out (${fallback})`,
    );
  }
  return value;
};

// The functions check these, too, but much later, and their errors only reach the log.

const checkCount = (variables: UserVariables, name: string): void => {
  const text = own(variables, name);
  if (text === undefined || /^[1-9]\d*$/.test(text)) return;
  throw new StackError(`${name} is '${text}': set it to a whole number from 1, or leave it out`);
};

const MIN_SECRET_LENGTH = 16;

const checkKeys = (text = ''): void => {
  const entries = text.split(',').map((entry) => entry.trim());
  const wrong = entries.findIndex((entry) => entry !== '' && !/^[A-Za-z0-9][\w.-]{0,63}:./.test(entry));
  // The message gives the entry's number, not its text, which may hold a secret.
  if (wrong >= 0)
    throw new StackError(
      `EVERYTOKEN_API_KEYS: entry ${wrong + 1} is not caller:secret; write caller:secret,…`,
    );
  const short = entries.find(
    (entry) => entry !== '' && entry.length - entry.indexOf(':') <= MIN_SECRET_LENGTH,
  );
  if (short !== undefined) {
    throw new StackError(
      `EVERYTOKEN_API_KEYS: the secret of ${short.slice(0, short.indexOf(':'))} is shorter than ${MIN_SECRET_LENGTH} characters: ` +
        'set a longer one (openssl rand -base64 24)',
    );
  }
};

const COUNTS = [
  ...['EMBEDDING_DIMENSIONS', 'RETENTION_DAYS', 'CALLER_REQUESTS_PER_SECOND', 'CALLER_RUNS_IN_FLIGHT'],
];

/** The caller of requests without a key; their runs and files belong to it. */
export const CALLER = 'local';

/** Settings of the functions that the local stack passes on from the user. */
const FUNCTION_SETTINGS = [
  ...['ALLOWED_MODELS', 'MODEL_ALIASES', 'MODEL_CATALOGUE', 'PRICES', 'PROVIDERS', 'EMBEDDING_DIMENSIONS'],
  ...['PINECONE_INDEX', 'PINECONE_NAMESPACE', 'DEPLOYMENT_ID', 'EVERYTOKEN_API_KEYS', 'RETENTION_DAYS'],
  ...['CALLER_REQUESTS_PER_SECOND', 'CALLER_RUNS_IN_FLIGHT', 'KEPT_FOR_OTHERS_PERCENT', 'USAGE_KEYS'],
];

/**
 * The part of every function's environment that comes from the user's variables, and from the id of the data folder:
 * its vectors stay apart from those of other stacks, also in a Pinecone that they share.
 */
export const functionSettings = (variables: UserVariables, folderId: string) => ({
  DEPLOYMENT_ID: folderId,
  PINECONE_NAMESPACE: `${folderId}:`,
  // Without keys the stack has one caller: places that are kept for others would stay empty.
  ...(!variables.EVERYTOKEN_API_KEYS && { KEPT_FOR_OTHERS_PERCENT: '0' }),
  ...Object.fromEntries(
    FUNCTION_SETTINGS.map((name) => [name, own(variables, name)]).filter(([, value]) => value),
  ),
  ANONYMOUS_CALLER: CALLER,
});

/** Variables that point a stack to the user's own services, or change its pace. */
const SERVICE_SETTINGS = [
  ...['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'DEFAULT_MODEL', 'EVERYTOKEN_LOCAL_PACE'],
  ...['EMBEDDING_MODEL', 'EMBEDDING_BASE_URL', 'EMBEDDING_API_KEY'],
  ...['PINECONE_API_KEY', 'PINECONE_CONTROLLER_HOST', 'AWS_ENDPOINT_URL_DYNAMODB'],
  ...['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL_SQS', 'AWS_ENDPOINT_URL_EVENTBRIDGE'],
];

/**
 * The environment of a stack that is started for a test or a measurement: `given`, and none of the user's variables.
 * The others are set to the empty string, so that those of `.env` do not apply either.
 */
export const withoutOwnServices = (given: Record<string, string>): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  ...Object.fromEntries([...FUNCTION_SETTINGS, ...SERVICE_SETTINGS].map((name) => [name, ''])),
  ...given,
});
