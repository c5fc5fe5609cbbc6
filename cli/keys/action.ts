import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { makeDynamoDB } from '../../lib/adapters/aws/clients.ts';
import { makeDynamoKeyStore } from '../../lib/adapters/dynamodb/key-store.ts';
import { makeDynamoLimitStore } from '../../lib/adapters/dynamodb/limits.ts';
import { makeDynamoRunList } from '../../lib/adapters/dynamodb/run-list.ts';
import { makeDynamoRunStore } from '../../lib/adapters/dynamodb/run-store.ts';
import { makeDynamoBudgetStore, makeDynamoSpendStore } from '../../lib/adapters/dynamodb/spending.ts';
import type { SetBudgetDeps } from '../../lib/budget/daily.ts';
import type { SpendStore } from '../../lib/budget/ports.ts';
import type { KeyDeps } from '../../lib/keys/manage-keys.ts';
import type { LimitStore } from '../../lib/limits/ports.ts';
import { listRuns } from '../../lib/runs/list/read.ts';
import { awsCredentialsIn } from '../../local/stack-file.ts';
import { type Command, makeCommand, misuseOf, withRemedies } from '../command.ts';
import { readStackFile } from '../running-stack.ts';

/** Help text on the table that the actions use. */
export const WHERE = `It uses the table named by TABLE_NAME, through the AWS SDK's own variables (AWS_REGION, AWS_PROFILE,
AWS_ENDPOINT_URL_DYNAMODB). Without TABLE_NAME it uses the table of the running local stack.`;

/** The actions' dependencies, all on one table. */
type TableDeps = KeyDeps & SetBudgetDeps & { spend: Pick<SpendStore, 'get' | 'replace'>; limits: LimitStore };

/** An action on callers' keys, budgets and limits. `usage`: its name and arguments. The first line of `help` is the summary. */
export type Action = {
  usage: string;
  minArgs: number;
  maxArgs: number;
  help: string;
  run: (words: string[], deps: TableDeps) => Promise<void>;
};

export const summaryOf = ({ help }: Action): string => help.split('\n')[0] ?? '';

/** Makes the command that opens the table and runs an action on it. */
export const actionCommand = (action: Action): Command => {
  const usage = `keys ${action.usage}`;
  return makeCommand({
    summary: summaryOf(action),
    usage,
    help: `${action.help}\n\n${WHERE}`,
    run: async (words) => {
      if (words.length < action.minArgs || words.length > action.maxArgs || words[0]?.startsWith('-'))
        throw misuseOf(usage)();
      const { place, deps, close } = openTable(process.env);
      try {
        await withRemedies(place, () => action.run(words, deps));
      } finally {
        close();
      }
      return 0;
    },
  });
};

type OpenedTable = {
  /** The table's name and address, for messages. */
  place: string;
  deps: TableDeps;
  close: () => void;
};

/**
 * Opens the table named by TABLE_NAME through the AWS SDK's own variables, or else the table of the running local
 * stack. It sends no request yet.
 *
 * @throws {CommandError} when TABLE_NAME is not set and no local stack runs
 */
const openTable = (env: NodeJS.ProcessEnv): OpenedTable => {
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
  place: `table ${table} at ${address}`,
  deps: {
    keys: makeDynamoKeyStore({ client, table }),
    budgets: makeDynamoBudgetStore({ client, table }),
    spend: makeDynamoSpendStore({ client, once: client, table }),
    limits: makeDynamoLimitStore({ client, table }),
    listRuns: (query) =>
      listRuns(query, {
        list: makeDynamoRunList({ client, table }),
        runs: makeDynamoRunStore({ client, table }),
      }),
    now: Date.now,
    clock: { now: Date.now },
    newSecret: () => `et_${randomBytes(32).toString('base64url')}`,
  },
  close: () => client.destroy(),
});
