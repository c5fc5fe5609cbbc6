import { composeSharedVectors, composeVectorList } from '../../../functions/compose/vectors.ts';
import { makeS3, makeS3Content } from '../../../lib/adapters/aws/s3-content.ts';
import { makeDynamoCallerList } from '../../../lib/adapters/dynamodb/caller-list.ts';
import { makeDynamoConversations } from '../../../lib/adapters/dynamodb/conversations.ts';
import { makeDynamoExportStore } from '../../../lib/adapters/dynamodb/export-store.ts';
import { makeDynamoFileStore } from '../../../lib/adapters/dynamodb/file-store.ts';
import { makeDynamoKeyStore } from '../../../lib/adapters/dynamodb/key-store.ts';
import { makeDynamoLimitStore } from '../../../lib/adapters/dynamodb/limits.ts';
import { makeDynamoRunList } from '../../../lib/adapters/dynamodb/run-list.ts';
import { makeDynamoRunStore } from '../../../lib/adapters/dynamodb/run-store.ts';
import { makeDynamoBudgetStore } from '../../../lib/adapters/dynamodb/spending.ts';
import { makeDynamoStreamBlocks } from '../../../lib/adapters/dynamodb/stream-blocks.ts';
import { makeDynamoDB } from '../../../lib/adapters/dynamodb/table.ts';
import { makeDynamoUsageStore } from '../../../lib/adapters/dynamodb/usage-store.ts';
import { configurationOf } from '../../../lib/adapters/settings/configuration.ts';
import { systemClock } from '../../../lib/adapters/system.ts';
import type { EraseDeps } from '../../../lib/operate/erase-caller.ts';
import { makeMarkUsage } from '../../../lib/usage/mark.ts';
import { ownVectors } from '../../../lib/vectors/own-vectors.ts';
import { namespaceOf } from '../../../lib/vectors/ports.ts';

/**
 * Composes the erasure of a caller from the stores that these variables name.
 *
 * @throws {ConfigurationError} when variables are missing or invalid; it names all of them
 */
export const composeErase = (env: Record<string, string | undefined>): EraseDeps => {
  const unused = 'unused'; // the sweep sends the messages
  const queues = { BUS_NAME: unused, JOBS_QUEUE_URL: unused, INTAKE_QUEUE_URL: unused };
  const config = configurationOf({ ...queues, ...env });
  const { pinecone, embedding, deployment } = config;
  const table = { client: makeDynamoDB(), table: config.tableName };
  const totals = makeDynamoUsageStore(table);
  const silent = () => {};
  return {
    callers: makeDynamoCallerList(table),
    keys: makeDynamoKeyStore(table),
    budgets: makeDynamoBudgetStore(table),
    limitStore: makeDynamoLimitStore(table),
    runs: makeDynamoRunStore(table),
    list: makeDynamoRunList(table),
    conversations: makeDynamoConversations(table),
    streamBlocks: makeDynamoStreamBlocks(table, systemClock),
    usageKeys: config.usageKeys,
    totals,
    markUsage: makeMarkUsage({ totals, clock: systemClock }),
    files: makeDynamoFileStore(table),
    exports: makeDynamoExportStore(table),
    content: makeS3Content({ client: makeS3(), bucket: config.contentBucket }),
    vectors: ownVectors(composeSharedVectors(config), deployment),
    vectorList: composeVectorList(config),
    namespace: (caller) => namespaceOf(pinecone.namespacePrefix, embedding.model, caller),
    namespacePrefix: pinecone.namespacePrefix,
    clock: systemClock,
    log: { info: silent, warn: silent, error: silent },
  };
};
