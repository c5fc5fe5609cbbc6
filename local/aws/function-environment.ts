import type { LambdaFunction } from './template/stack-model.ts';

export type Endpoints = { dynamodb: string; s3: string; sqs: string; events: string };

/** Where the official SDKs look for credentials: only for services that are not this machine's. */
const credentialVariables = [
  ...[
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
    'AWS_PROFILE',
    'HOME',
    'USERPROFILE',
  ],
  ...['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE', 'AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_ROLE_ARN'],
  ...[
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
    'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
    'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  ],
];

/** A function's own, as its role's are on AWS: what stands in front of a service can tell by them who asks. */
const localCredentialVariables = ({ id }: LambdaFunction) => ({
  AWS_ACCESS_KEY_ID: id,
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_EC2_METADATA_DISABLED: 'true',
});

const pick = (env: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));

export type EnvironmentInput = {
  fn: LambdaFunction;
  endpoints: Endpoints;
  queueUrl: (queueName: string) => string;
  region: string;
  folder: string;
  /** Overrides for every function. */
  overrides: Record<string, string>;
  /** The user's own environment, from which credentials are taken when `foreign`. */
  userEnv: NodeJS.ProcessEnv;
  foreign: boolean;
};

/** All variables of a function's process: Lambda's own, the SDK's endpoints, the template's, then the overrides. */
export const functionEnvironment = (input: EnvironmentInput): Record<string, string> => {
  const { fn, endpoints, queueUrl, region, folder, overrides, userEnv, foreign } = input;
  return {
    ...pick(userEnv, ['PATH', 'SystemRoot']), // without SystemRoot Node cannot open sockets on Windows
    TZ: 'UTC',
    LANG: 'en_US.UTF-8',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${fn.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    LAMBDA_TASK_ROOT: folder,
    _HANDLER: fn.handler,
    ...(foreign ? pick(userEnv, credentialVariables) : localCredentialVariables(fn)),
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.events,
    ...fn.environment(queueUrl),
    ...overrides,
  };
};
