import type { LambdaFunction } from './template/stack-model.ts';

/** What the official SDKs sign with on this machine; the local services check no signatures. */
export const localCredentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Credentials named outright; without them the SDK looks where it always looks. */
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

/** Where the official SDKs look for credentials. */
const CREDENTIAL_VARIABLES = [
  ...['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'],
  ...['AWS_PROFILE', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE', 'HOME', 'USERPROFILE'],
  ...['AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_ROLE_ARN', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'],
  ...['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_AUTHORIZATION_TOKEN'],
];

/** The user's own, for a function's process: only where services are not this machine's. */
export const userCredentialVariables = (env: NodeJS.ProcessEnv): Record<string, string> =>
  pick(env, CREDENTIAL_VARIABLES);

/** A function's own, as its role's are on AWS: a proxy in front of a service can tell callers apart by them. */
export const localCredentialVariables = ({ id }: LambdaFunction) => ({
  AWS_ACCESS_KEY_ID: id,
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_EC2_METADATA_DISABLED: 'true',
});

/** The variables of these names that are set and not empty. */
export const pick = (env: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
