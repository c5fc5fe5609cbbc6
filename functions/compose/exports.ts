import { makeSqsExportQueue } from '../../lib/adapters/aws/sqs-queues.ts';
import { makeDynamoExportStore } from '../../lib/adapters/dynamodb/export-store.ts';
import { ConfigurationError } from '../../lib/errors.ts';
import type { composeBase } from '../composition.ts';

/**
 * Builds the store of exports and the queue of their function.
 *
 * @throws {ConfigurationError} when the environment does not name the queue
 */
export const composeExports = ({
  config,
  clients,
  shards,
}: Pick<ReturnType<typeof composeBase>, 'config' | 'clients' | 'shards'>) => {
  if (config.exportQueueUrl === undefined)
    throw new ConfigurationError('the environment variables are not valid: EXPORT_QUEUE_URL is missing');
  return {
    exports: makeDynamoExportStore({ client: clients.dynamodb, table: config.tableName }, shards),
    exportQueue: makeSqsExportQueue(clients.sqs, config.exportQueueUrl),
  };
};
