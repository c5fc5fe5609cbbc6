import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { requestLimits } from './limits.ts';

// Region, credentials and AWS_ENDPOINT_URL_* come from the environment, as the SDK itself reads them.
const limitsOf = ({ silenceMs = 10_000 } = {}) => ({
  maxAttempts: 4,
  requestHandler: requestLimits(silenceMs),
});

type Stack = DynamoDBClient['middlewareStack'];

/**
 * Has an answer that broke off in the middle tried again: the SDK throws the parser's own error for it, and would take
 * that for final. Within the SDK's retries, so those without any stay so.
 */
const retryUnreadable = {
  applyToStack: (stack: Pick<Stack, 'add'>): void => {
    stack.add(
      (next) => async (args) => {
        try {
          return await next(args);
        } catch (error) {
          if (error instanceof SyntaxError) Object.assign(error, { $retryable: {} });
          throw error;
        }
      },
      { step: 'deserialize', priority: 'high', name: 'retryUnreadable' },
    );
  },
};

const retrying = <C extends { middlewareStack: { use(plugin: never): unknown } }>(client: C): C => {
  client.middlewareStack.use(retryUnreadable as never);
  return client;
};

export const makeDynamoDB = () => retrying(new DynamoDBClient(limitsOf()));
/** For writes that must not be applied twice: one attempt. */
export const makeDynamoDBOnce = (limits?: { silenceMs: number }) =>
  new DynamoDBClient({ ...limitsOf(limits), maxAttempts: 1 });
export const makeSqs = () => retrying(new SQSClient(limitsOf()));
export const makeEventBridge = () => retrying(new EventBridgeClient(limitsOf()));

const { socketTimeout: _, ...untilAnswered } = requestLimits(60_000);

/**
 * Path-style addresses work on S3 and on every server that stands in for it, wherever its name resolves. An object may
 * be read as slowly as its reader likes, so silence within one is no error.
 */
export const makeS3 = () =>
  new S3Client({
    ...limitsOf(),
    forcePathStyle: true,
    requestHandler: untilAnswered,
  });
