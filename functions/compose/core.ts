import { makeDynamoDB } from '../../lib/adapters/dynamodb/client.ts';
import { makeDynamoDueIndex } from '../../lib/adapters/dynamodb/indexes.ts';
import { makeDynamoLastSweep } from '../../lib/adapters/dynamodb/last-sweep.ts';
import { makeDynamoShards } from '../../lib/adapters/dynamodb/table-record.ts';
import { makeInvocation } from '../../lib/adapters/lambda/invocation.ts';
import { makeJsonLog } from '../../lib/adapters/lambda/json-log.ts';
import { configurationOf } from '../../lib/adapters/settings/configuration.ts';
import { systemClock } from '../../lib/adapters/system.ts';

/**
 * Builds the part of the dependencies that needs the table alone, from the environment. A function that seldom needs the
 * others starts with it, and loads `composeBase` when it does.
 * @throws {ConfigurationError} When environment variables are missing or invalid.
 */
export const composeCore = (functionName: string) => {
  const config = configurationOf(process.env);
  const invocation = makeInvocation();
  const log = makeJsonLog(() => ({ function: functionName, request_id: invocation.requestId() }), undefined, {
    namespace: config.metricsNamespace,
  });
  const dynamodb = makeDynamoDB();
  const shards = makeDynamoShards({ client: dynamodb, table: config.tableName });
  return { config, invocation, log, clock: systemClock, dynamodb, shards };
};

export type Core = ReturnType<typeof composeCore>;

/** Builds the index of due runs and files. */
export const composeDueIndex = ({ config, dynamodb, shards }: Pick<Core, 'config' | 'dynamodb' | 'shards'>) =>
  makeDynamoDueIndex({ client: dynamodb, table: config.tableName }, shards);

/** Builds the record of the last sweep. */
export const composeLastSweep = ({ config, dynamodb }: Pick<Core, 'config' | 'dynamodb'>) =>
  makeDynamoLastSweep({ client: dynamodb, table: config.tableName });
