import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { makeDynamoDB } from '../../lib/adapters/aws/clients.ts';
import { makeDynamoKeyStore } from '../../lib/adapters/dynamodb/key-store.ts';
import { makeDynamoRunStore } from '../../lib/adapters/dynamodb/run-store.ts';
import { makeDynamoBudgetStore, makeDynamoSpendStore } from '../../lib/adapters/dynamodb/spending.ts';
import type { BudgetStore, SpendStore } from '../../lib/budget/ports.ts';
import type { KeyStore } from '../../lib/keys/api-key.ts';
import type { RunStore } from '../../lib/runs/ports.ts';
import { localCredentials } from '../../local/aws/local-credentials.ts';
import { readStackFile } from '../stack-addresses.ts';

export type OpenedTable = {
  keys: KeyStore;
  budgets: BudgetStore;
  spend: Pick<SpendStore, 'get' | 'replace'>;
  runs: Pick<RunStore, 'list'>;
  /** The table and where it is, for messages. */
  place: string;
  close: () => void;
};

/**
 * Keys, budgets and the list of runs in the table named by TABLE_NAME, reached as the AWS SDK's own variables say; without that name, those of
 * the running local stack. Throws `CommandError` when there is neither. Nothing is asked of the table yet.
 */
export const openTable = (root: string, env: NodeJS.ProcessEnv): OpenedTable => {
  if (env.TABLE_NAME) return opened(makeDynamoDB(), env.TABLE_NAME, env.AWS_ENDPOINT_URL_DYNAMODB ?? 'AWS');
  const { stack, variables } = readStackFile(root, env, 'set TABLE_NAME and AWS_REGION for a deployed table');
  const { dynamodb, table = '' } = stack;
  const isForeign = variables.AWS_ENDPOINT_URL_DYNAMODB !== undefined;
  const client = new DynamoDBClient({
    endpoint: dynamodb,
    region: env.AWS_REGION || 'us-east-1',
    maxAttempts: 2,
    ...(!isForeign && { credentials: localCredentials }),
  });
  return opened(client, table, dynamodb);
};

const opened = (client: DynamoDBClient, table: string, address: string): OpenedTable => ({
  keys: makeDynamoKeyStore({ client, table }),
  budgets: makeDynamoBudgetStore({ client, table }),
  spend: makeDynamoSpendStore({ client, once: client, table }),
  runs: makeDynamoRunStore({ client, table }),
  place: `table ${table} at ${address}`,
  close: () => client.destroy(),
});
