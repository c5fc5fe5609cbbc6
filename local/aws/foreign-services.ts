import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { credentialsIn } from './credentials.ts';
import type { StackModel } from './template/stack-model.ts';

export type ForeignEndpoints = { dynamodb?: string; s3?: string; sqs?: string; events?: string };

/** The endpoints that a user's variables name, as the official SDKs read them. */
export const foreignEndpoints = (variables: Record<string, string>): ForeignEndpoints => {
  const given = {
    dynamodb: variables.AWS_ENDPOINT_URL_DYNAMODB,
    s3: variables.AWS_ENDPOINT_URL_S3,
    sqs: variables.AWS_ENDPOINT_URL_SQS,
    events: variables.AWS_ENDPOINT_URL_EVENTBRIDGE,
  };
  return Object.fromEntries(Object.entries(given).filter(([, url]) => url !== undefined));
};

/** @throws Error unless S3, SQS and EventBridge are foreign together or not at all: they send to each other. */
const checkTogether = ({ s3, sqs, events }: ForeignEndpoints): void => {
  const given = [s3, sqs, events].filter((url) => url !== undefined).length;
  if (given === 0 || given === 3) return;
  const missing = Object.entries({
    AWS_ENDPOINT_URL_S3: s3,
    AWS_ENDPOINT_URL_SQS: sqs,
    AWS_ENDPOINT_URL_EVENTBRIDGE: events,
  })
    .filter(([, url]) => url === undefined)
    .map(([name]) => name);
  throw new Error(`S3, SQS and EventBridge have to be foreign together: set ${missing.join(' and ')} too`);
};

type Check = { what: string; ask: () => Promise<unknown> };

/** What is missing, or cannot be reached: nothing is created in a service that is not this stack's own. */
const failures = async (checks: readonly Check[]): Promise<string[]> => {
  const results = await Promise.allSettled(checks.map(({ ask }) => ask()));
  return results.flatMap((result, index) =>
    result.status === 'fulfilled' ? [] : [`${checks[index]?.what} (${result.reason?.name ?? result.reason})`],
  );
};

/**
 * Looks for the template's resources in services given by the user.
 * Resolves to the URLs of foreign queues by name; empty when SQS is local.
 *
 * @throws Error that names all that is missing.
 */
export const findForeign = async (
  model: StackModel,
  endpoints: ForeignEndpoints,
  userEnv: NodeJS.ProcessEnv,
): Promise<Map<string, string>> => {
  checkTogether(endpoints);
  const common = { region: model.region, ...credentialsIn(userEnv) };
  const queueUrls = new Map<string, string>();
  const checks: Check[] = [];
  const clients: { destroy: () => void }[] = [];
  if (endpoints.dynamodb) {
    const client = new DynamoDBClient({ ...common, endpoint: endpoints.dynamodb });
    clients.push(client);
    for (const { name } of model.tables) {
      checks.push({
        what: `DynamoDB table ${name} at ${endpoints.dynamodb}`,
        ask: () => client.send(new DescribeTableCommand({ TableName: name })),
      });
    }
  }
  if (endpoints.s3) {
    const client = new S3Client({ ...common, endpoint: endpoints.s3 });
    clients.push(client);
    for (const { name } of model.buckets) {
      checks.push({
        what: `S3 bucket ${name} at ${endpoints.s3}`,
        ask: () => client.send(new HeadBucketCommand({ Bucket: name })),
      });
    }
  }
  if (endpoints.sqs) {
    const client = new SQSClient({ ...common, endpoint: endpoints.sqs });
    clients.push(client);
    for (const { name } of model.queues) {
      const ask = async () => {
        const { QueueUrl = '' } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
        queueUrls.set(name, QueueUrl);
      };
      checks.push({ what: `SQS queue ${name} at ${endpoints.sqs}`, ask });
    }
  }
  if (endpoints.events) {
    const client = new EventBridgeClient({ ...common, endpoint: endpoints.events });
    clients.push(client);
    for (const { name } of model.buses) {
      checks.push({
        what: `event bus ${name} at ${endpoints.events}`,
        ask: () => client.send(new DescribeEventBusCommand({ Name: name })),
      });
    }
  }
  const missing = await failures(checks);
  for (const client of clients) client.destroy();
  if (missing.length > 0)
    throw new Error(`Not found, and not created in a service of yours: ${missing.join('; ')}`);
  return queueUrls;
};
