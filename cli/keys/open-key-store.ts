import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { makeDynamoDB } from '../../lib/adapters/aws-clients.ts';
import { makeDynamoKeyStore } from '../../lib/adapters/dynamodb-key-store.ts';
import type { KeyStore } from '../../lib/keys/api-key.ts';
import { localCredentials } from '../../local/aws/local-credentials.ts';
import { readSettings } from '../../local/settings.ts';
import type { StackFile } from '../../local/start-stack.ts';
import { CommandError } from '../command-error.ts';

export type OpenedKeys = {
  keys: KeyStore;
  /** The table and where it is, for messages. */
  place: string;
  close: () => void;
};

/**
 * The keys in the table named by TABLE_NAME, reached as the AWS SDK's own variables say; without that name, those of
 * the running local stack. Throws `CommandError` when there is neither. Nothing is asked of the table yet.
 */
export const openKeyStore = (root: string, env: NodeJS.ProcessEnv): OpenedKeys => {
  if (env.TABLE_NAME) return opened(makeDynamoDB(), env.TABLE_NAME, env.AWS_ENDPOINT_URL_DYNAMODB ?? 'AWS');
  const { dataDir, variables } = readSettings(root, env);
  const file = join(dataDir, 'stack.json');
  if (!existsSync(file)) {
    throw new CommandError(
      `no local stack runs in ${dataDir}: start one (npm start), or set TABLE_NAME and AWS_REGION for a deployed table`,
    );
  }
  const { dynamodb, table = '' }: StackFile = JSON.parse(readFileSync(file, 'utf8'));
  const isForeign = variables.AWS_ENDPOINT_URL_DYNAMODB !== undefined;
  const client = new DynamoDBClient({
    endpoint: dynamodb,
    region: env.AWS_REGION || 'us-east-1',
    maxAttempts: 2,
    ...(!isForeign && { credentials: localCredentials }),
  });
  return opened(client, table, dynamodb);
};

const opened = (client: DynamoDBClient, table: string, address: string): OpenedKeys => ({
  keys: makeDynamoKeyStore({ client, table }),
  place: `table ${table} at ${address}`,
  close: () => client.destroy(),
});
