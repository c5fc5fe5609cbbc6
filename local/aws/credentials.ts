import { randomBytes, randomInt } from 'node:crypto';
import { own } from '../json.ts';
import { hmac } from './signing/signature.ts';
import type { LambdaFunction } from './template/stack-model.ts';

/** An access key of AWS, under the names of the official SDKs. */
export type AwsKey = { accessKeyId: string; secretAccessKey: string };

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Makes a random access key, of the length of AWS's own. */
export const newAwsKey = (): AwsKey => ({
  accessKeyId: `LOCAL${Array.from({ length: 15 }, () => LETTERS[randomInt(LETTERS.length)]).join('')}`,
  secretAccessKey: randomBytes(30).toString('base64url'),
});

/**
 * The access key of one function, as its role has one on AWS. Its id is the function's logical id, so that a proxy in
 * front of a service can tell callers apart; its secret follows from the stack's.
 */
export const keyOfFunction = ({ secretAccessKey }: AwsKey, { id }: Pick<LambdaFunction, 'id'>): AwsKey => ({
  accessKeyId: id,
  secretAccessKey: hmac(secretAccessKey, id).toString('base64url'),
});

/** The access keys that the local services know: the stack's own, and those of its functions. */
export const keysOf = (
  key: AwsKey,
  functions: Iterable<Pick<LambdaFunction, 'id'>>,
): ReadonlyMap<string, string> =>
  new Map(
    [key, ...[...functions].map((fn) => keyOfFunction(key, fn))].map((known) => [
      known.accessKeyId,
      known.secretAccessKey,
    ]),
  );

/** The credentials in `env` as a client option; `{}` without them, so that the SDK uses its default chain. */
export const credentialsIn = (env: NodeJS.ProcessEnv) => {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = env;
  return accessKeyId && secretAccessKey
    ? { credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) } }
    : {};
};

/** The variables that the official SDKs read credentials from. */
const CREDENTIAL_VARIABLES = [
  ...['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'],
  ...['AWS_PROFILE', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE', 'HOME', 'USERPROFILE'],
  ...['AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_ROLE_ARN', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'],
  ...['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_AUTHORIZATION_TOKEN'],
];

/** The user's own credentials, for a function's process that calls services outside this machine. */
export const userCredentialVariables = (env: NodeJS.ProcessEnv): Record<string, string> =>
  pick(env, CREDENTIAL_VARIABLES);

/** The variables with an access key for a process that calls the local services alone. */
export const keyVariables = ({ accessKeyId, secretAccessKey }: AwsKey) => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_EC2_METADATA_DISABLED: 'true',
});

/** The variables with these names that are set and not empty. */
export const pick = (env: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, own(env, name)]).filter(([, value]) => value));
