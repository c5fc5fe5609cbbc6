import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { StackError } from './stack-error.ts';

/** The user's variables: the environment's before those of `.env`; one that is empty there is a missing one. */
export type UserVariables = Record<string, string>;

export type Settings = { port: number; dataDir: string; pace: number; variables: UserVariables };

const readDotEnv = (root: string): Record<string, string | undefined> => {
  const file = join(root, '.env');
  return existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
};

/** PORT, EVERYTOKEN_DATA_DIR and EVERYTOKEN_LOCAL_PACE, with everything else that the user set. Throws `StackError`. */
export const readSettings = (
  root: string,
  env: Record<string, string | undefined> = process.env,
  defaults: { dataDir: string } = { dataDir: '.everytoken' },
): Settings => {
  // An empty one in the environment takes away the one of `.env`, so that a stack can be started without it.
  const variables = given({ ...readDotEnv(root), ...env });
  for (const name of ['EMBEDDING_DIMENSIONS', 'RETENTION_DAYS']) checkCount(variables, name);
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

const numberOf = (variables: UserVariables, name: string, fallback: number, most: number): number => {
  const text = variables[name];
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0 || value > most || (name === 'PORT' && !Number.isInteger(value))) {
    throw new StackError(
      `${name} is '${text}': set it to a number from 0 to ${most}, or leave it out (${fallback})`,
    );
  }
  return value;
};

// The functions check these too, but they start much later, and what they say is a log.

const checkCount = (variables: UserVariables, name: string): void => {
  const text = variables[name];
  if (text === undefined || /^[1-9]\d*$/.test(text)) return;
  throw new StackError(`${name} is '${text}': set it to a whole number from 1, or leave it out`);
};

const checkKeys = (text = ''): void => {
  const entries = text.split(',').map((entry) => entry.trim());
  const wrong = entries.findIndex((entry) => entry !== '' && !/^[A-Za-z0-9][\w.-]{0,63}:./.test(entry));
  // Named by its place: it may hold a secret.
  if (wrong >= 0)
    throw new StackError(
      `EVERYTOKEN_API_KEYS: entry ${wrong + 1} is not caller:secret; write caller:secret,…`,
    );
};

/** The caller that runs and files belong to when a request has no key. */
export const CALLER = 'local';

/** Settings of the functions that a user may give to the local stack too. */
const FUNCTION_SETTINGS = [
  ...['ALLOWED_MODELS', 'MODEL_CATALOGUE', 'PRICES', 'PROVIDERS', 'EMBEDDING_DIMENSIONS'],
  ...['PINECONE_INDEX', 'PINECONE_NAMESPACE', 'EVERYTOKEN_API_KEYS', 'RETENTION_DAYS'],
];

/** The variables of every function that follow from the user's. */
export const functionSettings = (variables: UserVariables): Record<string, string> => ({
  ...Object.fromEntries(
    FUNCTION_SETTINGS.flatMap((name) => (variables[name] ? [[name, variables[name]]] : [])),
  ),
  ANONYMOUS_CALLER: CALLER,
});

/** Variables that lead a stack to services of the user's own, or change its pace. */
const SERVICE_SETTINGS = [
  ...['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'DEFAULT_MODEL', 'EVERYTOKEN_LOCAL_PACE'],
  ...['EMBEDDING_MODEL', 'EMBEDDING_BASE_URL', 'EMBEDDING_API_KEY'],
  ...['PINECONE_API_KEY', 'PINECONE_CONTROLLER_HOST', 'AWS_ENDPOINT_URL_DYNAMODB'],
  ...['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL_SQS', 'AWS_ENDPOINT_URL_EVENTBRIDGE'],
];

/**
 * The environment of a stack that is started to be tested or measured: set to nothing, none of the user's variables
 * reaches it, not from `.env` either; `given` are its own.
 */
export const withoutOwnServices = (given: Record<string, string>): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  ...Object.fromEntries([...FUNCTION_SETTINGS, ...SERVICE_SETTINGS].map((name) => [name, ''])),
  ...given,
});
