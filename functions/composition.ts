import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { makeEventBridge, makeEventBridgeBus } from '../lib/adapters/aws/eventbridge-bus.ts';
import { makeS3, makeS3Content, makeS3FindSource, makeS3Source } from '../lib/adapters/aws/s3-content.ts';
import { makeSqs, makeSqsFileQueue, makeSqsJobQueue } from '../lib/adapters/aws/sqs-queues.ts';
import { makeDynamoCallerList } from '../lib/adapters/dynamodb/caller-list.ts';
import { makeDynamoConversations } from '../lib/adapters/dynamodb/conversations.ts';
import { makeDynamoFileStore } from '../lib/adapters/dynamodb/file-store.ts';
import { makeDynamoRunList } from '../lib/adapters/dynamodb/run-list.ts';
import { makeDynamoRunStore } from '../lib/adapters/dynamodb/run-store.ts';
import { makeDynamoStreamBlocks } from '../lib/adapters/dynamodb/stream-blocks.ts';
import { makeDynamoUsageStore } from '../lib/adapters/dynamodb/usage-store.ts';
import type { Configuration } from '../lib/adapters/settings/configuration.ts';
import { makeSystemIds, systemSleep } from '../lib/adapters/system.ts';
import { makeMarkUsage } from '../lib/usage/mark.ts';
import { namespaceOf } from '../lib/vectors/ports.ts';
import { type Core, composeCore } from './compose/core.ts';
import { composeRoutes, endpointsOf, providersOf } from './compose/servers.ts';

/**
 * Builds the dependencies that every function needs, from the environment. Clients make no request until used.
 * @throws {ConfigurationError} When environment variables are missing or invalid.
 *
 * @example
 * const base = composeBase('export');
 * export const handler = observed(base, makeExportHandler({ ...base, ...composeExports(base), listRuns }));
 */
export const composeBase = (functionName: string) => withClients(composeCore(functionName));

/** As `composeBase`, for a function that has its core already. */
export const withClients = (core: Core) => {
  const { config, invocation, clock, shards } = core;
  const { dynamodb } = core.clients;
  const sqs: SQSClient = makeSqs();
  const events: EventBridgeClient = makeEventBridge();
  const s3 = makeS3();
  const table = { client: dynamodb, table: config.tableName };
  const bucket = { client: s3, bucket: config.contentBucket };
  const totals = makeDynamoUsageStore(table, shards);
  return {
    ...core,
    clients: { dynamodb, s3, sqs, events },
    ids: makeSystemIds(invocation.trace),
    sleep: systemSleep,
    random: Math.random,
    runs: makeDynamoRunStore(table, shards),
    list: makeDynamoRunList(table, shards),
    conversations: makeDynamoConversations(table, config),
    streamBlocks: makeDynamoStreamBlocks(table, clock),
    content: makeS3Content(bucket),
    jobs: makeSqsJobQueue(sqs, config.jobsQueueUrl),
    bus: makeEventBridgeBus(events, config.busName),
    bucket: config.contentBucket,
    retentionDays: config.retentionDays,
    usageKeys: config.usageKeys,
    totals,
    markUsage: makeMarkUsage({ totals, clock }),
    namespace: namespaces(config),
  };
};

type Base = Pick<ReturnType<typeof composeBase>, 'config' | 'clients' | 'shards'>;

/** As `composeBase`, for functions that accept requests: with defaults, and the route from a model to its server. */
export const composeRequestBase = (functionName: string) => {
  const base = composeBase(functionName);
  const { config } = base;
  const routeOf = composeRoutes(endpointsOf(config), config);
  return {
    ...base,
    defaults: { model: config.defaultModel, allowedModels: config.allowedModels, routeOf },
    providerOf: providersOf(routeOf),
  };
};

/** Builds the dependencies of functions that work on prompt files. */
export const composeFiles = ({ config, clients, shards }: Base) => ({
  files: makeDynamoFileStore({ client: clients.dynamodb, table: config.tableName }, config, shards),
  fileQueue: makeSqsFileQueue(clients.sqs, config.intakeQueueUrl),
});

/** Builds the reader of prompt files. */
export const composeSource = ({ config, clients }: Base) =>
  makeS3Source({ client: clients.s3, bucket: config.contentBucket });

/** Builds what finds the present version of a prompt file. */
export const composeFindSource = ({ config, clients }: Base) =>
  makeS3FindSource({ client: clients.s3, bucket: config.contentBucket });

/** Builds the list of callers that have usage. */
export const composeCallerList = ({ config, clients }: Base) =>
  makeDynamoCallerList({ client: clients.dynamodb, table: config.tableName });

const namespaces =
  ({ pinecone, embedding }: Configuration) =>
  (caller: string): string =>
    namespaceOf(pinecone.namespacePrefix, embedding.model, caller);
