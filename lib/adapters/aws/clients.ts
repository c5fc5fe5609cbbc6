import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { requestLimits } from './limits.ts';

// The SDK reads region, credentials and AWS_ENDPOINT_URL_* from the environment itself.
const clientOptions = ({ silenceMs = 10_000 } = {}) => ({
  maxAttempts: 4,
  requestHandler: requestLimits(silenceMs),
});

type Stack = DynamoDBClient['middlewareStack'];

/**
 * Makes the SDK retry a response that was cut off in the middle: it throws the JSON parser's `SyntaxError`, which the
 * SDK does not count as retryable. The retry is the SDK's own, so a client with one attempt still makes one.
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

const withUnreadableRetry = <C extends { middlewareStack: { use(plugin: never): unknown } }>(
  client: C,
): C => {
  client.middlewareStack.use(retryUnreadable as never);
  return client;
};

export const makeDynamoDB = () => withUnreadableRetry(new DynamoDBClient(clientOptions()));
/** A client for writes that must not be applied twice: it makes one attempt. */
export const makeDynamoDBOnce = (limits?: { silenceMs: number }) =>
  new DynamoDBClient({ ...clientOptions(limits), maxAttempts: 1 });
export const makeSqs = () => withUnreadableRetry(new SQSClient(clientOptions()));
export const makeEventBridge = () => withUnreadableRetry(new EventBridgeClient(clientOptions()));

const { socketTimeout: _, ...withoutSocketTimeout } = requestLimits(60_000);

/**
 * Uses path-style URLs, which work on S3 and on S3-compatible servers without DNS names for each bucket. Has no socket
 * timeout, because a slow reader of an object leaves the socket silent, and that is no error.
 */
export const makeS3 = () =>
  new S3Client({
    ...clientOptions(),
    forcePathStyle: true,
    requestHandler: withoutSocketTimeout,
  });
