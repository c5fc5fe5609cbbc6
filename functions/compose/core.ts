import { makeDynamoDueIndex } from '../../lib/adapters/dynamodb/indexes.ts';
import { makeDynamoLastSweep } from '../../lib/adapters/dynamodb/last-sweep.ts';
import { makeDynamoDB } from '../../lib/adapters/dynamodb/table.ts';
import { makeDynamoShards } from '../../lib/adapters/dynamodb/table-record.ts';
import { makeInvocation } from '../../lib/adapters/lambda/invocation.ts';
import { makeJsonLog } from '../../lib/adapters/lambda/json-log.ts';
import { configurationOf } from '../../lib/adapters/settings/configuration.ts';
import { systemClock } from '../../lib/adapters/system.ts';

/**
 * Builds the part of the dependencies that needs the table alone, from the environment. A function that seldom needs the
 * others starts with it, and loads `withClients` when it does.
 * @throws {ConfigurationError} When environment variables are missing or invalid.
 */
export const composeCore = (functionName: string) => {
  const config = configurationOf(process.env);
  const invocation = makeInvocation();
  const log = makeJsonLog(() => ({ function: functionName, request_id: invocation.requestId() }), undefined, {
    namespace: config.metricsNamespace,
  });
  const clients = { dynamodb: makeDynamoDB() };
  const shards = makeDynamoShards({ client: clients.dynamodb, table: config.tableName });
  return { config, clients, invocation, log, clock: systemClock, shards };
};

export type Core = ReturnType<typeof composeCore>;

/** Builds the index of due runs and files. */
export const composeDueIndex = ({ config, clients, shards }: Pick<Core, 'config' | 'clients' | 'shards'>) =>
  makeDynamoDueIndex({ client: clients.dynamodb, table: config.tableName }, shards);

/** Builds the record of the last sweep. */
export const composeLastSweep = ({ config, clients }: Pick<Core, 'config' | 'clients'>) =>
  makeDynamoLastSweep({ client: clients.dynamodb, table: config.tableName });
