import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';

// Region, credentials and AWS_ENDPOINT_URL_* come from the environment, as the SDK itself reads them. Requests have
// limits of their own, since the SDK's default is to wait for ever.
const LIMITS = {
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000 },
};

export const makeDynamoDB = () => new DynamoDBClient(LIMITS);
/** For writes that must not be applied twice: one attempt. */
export const makeDynamoDBOnce = () => new DynamoDBClient({ ...LIMITS, maxAttempts: 1 });
export const makeSqs = () => new SQSClient(LIMITS);
export const makeEventBridge = () => new EventBridgeClient(LIMITS);

/** Path-style addresses work on S3 and on every server that stands in for it, wherever its name resolves. */
export const makeS3 = () =>
  new S3Client({
    ...LIMITS,
    forcePathStyle: true,
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 60_000 },
  });
