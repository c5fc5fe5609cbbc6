import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { AwsKey } from '../local/aws/credentials.ts';
import type { Endpoints } from '../local/aws/function-environment.ts';

/** Creates the SDK's clients for a local stack's AWS services. Their addresses and its access key change with each start. */
export const localAwsClients = (
  { dynamodb, s3, sqs }: Pick<Endpoints, 'dynamodb' | 's3' | 'sqs'>,
  options: { credentials?: AwsKey; maxAttempts?: number },
) => {
  const common = { region: 'us-east-1', ...options };
  const clients = {
    dynamodb: new DynamoDBClient({ ...common, endpoint: dynamodb }),
    s3: new S3Client({ ...common, endpoint: s3, forcePathStyle: true }),
    sqs: new SQSClient({ ...common, endpoint: sqs }),
  };
  const destroy = () => {
    for (const client of Object.values(clients)) client.destroy();
  };
  return { ...clients, destroy };
};
