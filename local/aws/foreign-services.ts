import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { credentialsIn } from './credentials.ts';
import type { StackModel } from './template/stack-model.ts';

export type ForeignEndpoints = { dynamodb?: string; s3?: string; sqs?: string; events?: string };

/** The user's own AWS endpoints, from the variables that the official SDKs read. */
export const foreignEndpoints = (variables: Record<string, string>): ForeignEndpoints => {
  const given = {
    dynamodb: variables.AWS_ENDPOINT_URL_DYNAMODB,
    s3: variables.AWS_ENDPOINT_URL_S3,
    sqs: variables.AWS_ENDPOINT_URL_SQS,
    events: variables.AWS_ENDPOINT_URL_EVENTBRIDGE,
  };
  return Object.fromEntries(Object.entries(given).filter(([, url]) => url !== undefined));
};

/** Whether every service is the user's own, so that none is local. */
export const isAllForeign = ({ dynamodb, s3, sqs, events }: ForeignEndpoints): boolean =>
  [dynamodb, s3, sqs, events].every((url) => url !== undefined);

/**
 * S3 and EventBridge send to SQS, so all three must be the user's own or all three local.
 *
 * @throws {Error} when only some of them are.
 */
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
  throw new Error(
    `S3, SQS and EventBridge must all be yours or all be local: set ${missing.join(' and ')} too, or none of the three`,
  );
};

/** A check that a resource exists: `describe` rejects when it does not. */
type Check = { resource: string; describe: () => Promise<unknown> };

/** The resources that are missing or cannot be reached, each with the error's name. */
const failures = async (checks: readonly Check[]): Promise<string[]> => {
  const results = await Promise.allSettled(checks.map(({ describe }) => describe()));
  return results.flatMap((result, index) =>
    result.status === 'fulfilled'
      ? []
      : [`${checks[index]?.resource} (${result.reason?.name ?? result.reason})`],
  );
};

/**
 * Checks that the template's resources exist in the user's own services. Nothing is ever created there.
 * Resolves to the URLs of the user's queues by name; empty when SQS is local.
 *
 * @throws {Error} that names every missing resource.
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
        resource: `DynamoDB table ${name} at ${endpoints.dynamodb}`,
        describe: () => client.send(new DescribeTableCommand({ TableName: name })),
      });
    }
  }
  if (endpoints.s3) {
    const client = new S3Client({ ...common, endpoint: endpoints.s3 });
    clients.push(client);
    for (const { name } of model.buckets) {
      checks.push({
        resource: `S3 bucket ${name} at ${endpoints.s3}`,
        describe: () => client.send(new HeadBucketCommand({ Bucket: name })),
      });
    }
  }
  if (endpoints.sqs) {
    const client = new SQSClient({ ...common, endpoint: endpoints.sqs });
    clients.push(client);
    for (const { name } of model.queues) {
      const describe = async () => {
        const { QueueUrl = '' } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
        queueUrls.set(name, QueueUrl);
      };
      checks.push({ resource: `SQS queue ${name} at ${endpoints.sqs}`, describe });
    }
  }
  if (endpoints.events) {
    const client = new EventBridgeClient({ ...common, endpoint: endpoints.events });
    clients.push(client);
    for (const { name } of model.buses) {
      checks.push({
        resource: `event bus ${name} at ${endpoints.events}`,
        describe: () => client.send(new DescribeEventBusCommand({ Name: name })),
      });
    }
  }
  const missing = await failures(checks);
  for (const client of clients) client.destroy();
  if (missing.length > 0)
    throw new Error(`Not found in your own services, so create them there first: ${missing.join('; ')}`);
  return queueUrls;
};
