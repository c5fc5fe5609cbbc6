import { own } from '../json.ts';
import type { LambdaFunction } from './template/stack-model.ts';

/** Credentials for the official SDKs on this machine. The local services check no signatures. */
export const localCredentials = { accessKeyId: 'local', secretAccessKey: 'local' };

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

/**
 * Credentials of one function, as its role has them on AWS. The access key is the function's logical id, so that a
 * proxy in front of a service can tell callers apart.
 */
export const localCredentialVariables = ({ id }: LambdaFunction) => ({
  AWS_ACCESS_KEY_ID: id,
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_EC2_METADATA_DISABLED: 'true',
});

/** The variables with these names that are set and not empty. */
export const pick = (env: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, own(env, name)]).filter(([, value]) => value));
