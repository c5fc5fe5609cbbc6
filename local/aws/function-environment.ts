import { pick } from './credentials.ts';
import type { LambdaFunction } from './template/stack-model.ts';

export type Endpoints = { dynamodb: string; s3: string; sqs: string; events: string };

export type EnvironmentInput = {
  fn: LambdaFunction;
  endpoints: Endpoints;
  queueUrl: (queueName: string) => string;
  region: string;
  folder: string;
  /** Variables of every function; they replace those of the template. */
  overrides: Record<string, string>;
  /** The variables with the credentials that it signs with. */
  credentials: Record<string, string>;
  /** The user's own environment. */
  userEnv: NodeJS.ProcessEnv;
};

/**
 * All variables of a function's process: Lambda's own, the SDK's endpoints, the template's, then the overrides.
 * A later one replaces an earlier one of the same name.
 */
export const functionEnvironment = (input: EnvironmentInput): Record<string, string> => {
  const { fn, endpoints, queueUrl, region, folder, overrides, userEnv, credentials } = input;
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
    ...credentials,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.events,
    ...fn.environment(queueUrl),
    ...overrides,
  };
};
