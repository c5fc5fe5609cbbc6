import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { makeDynamoDB } from '../lib/adapters/aws/clients.ts';
import type { TableClient } from '../lib/adapters/dynamodb/table.ts';
import { awsCredentialsIn } from '../local/stack-file.ts';
import { readStackFile } from './running-stack.ts';

/** Help text on the table that a command uses. */
export const WHERE = `It uses the table named by TABLE_NAME, through the AWS SDK's own variables (AWS_REGION, AWS_PROFILE,
AWS_ENDPOINT_URL_DYNAMODB). Without TABLE_NAME it uses the table of the running local stack.`;

export type OpenedTable = TableClient & {
  /** The table's name and address, for messages. */
  place: string;
  close: () => void;
};

/**
 * Opens the table named by TABLE_NAME through the AWS SDK's own variables, or else the table of the running local
 * stack. It sends no request yet.
 *
 * @throws {CommandError} when TABLE_NAME is not set and no local stack runs
 */
export const openTable = (env: NodeJS.ProcessEnv): OpenedTable => {
  if (env.TABLE_NAME) return opened(makeDynamoDB(), env.TABLE_NAME, env.AWS_ENDPOINT_URL_DYNAMODB ?? 'AWS');
  const { stack, variables } = readStackFile(env, 'set TABLE_NAME and AWS_REGION for a deployed table');
  const { dynamodb, table = '' } = stack;
  const client = new DynamoDBClient({
    endpoint: dynamodb,
    region: env.AWS_REGION || 'us-east-1',
    maxAttempts: 2,
    ...(variables.AWS_ENDPOINT_URL_DYNAMODB === undefined && awsCredentialsIn(stack)),
  });
  return opened(client, table, dynamodb);
};

const opened = (client: DynamoDBClient, table: string, address: string): OpenedTable => ({
  ...{ client, table, place: `table ${table} at ${address}` },
  close: () => client.destroy(),
});
