import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clientOptions, withUnreadableRetry } from '../aws/client-options.ts';

export const makeDynamoDB = () => withUnreadableRetry(new DynamoDBClient(clientOptions()));

/** A client for writes that must not be applied twice: it makes one attempt. */
export const makeDynamoDBOnce = (limits?: { silenceMs: number }) =>
  new DynamoDBClient({ ...clientOptions(limits), maxAttempts: 1 });
