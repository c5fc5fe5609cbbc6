import { composeSpending } from '../../../functions/compose/callers.ts';
import { composeSharedVectors, composeVectorList } from '../../../functions/compose/vectors.ts';
import {
  makeS3,
  makeS3Content,
  makeS3FindSource,
  makeS3Source,
} from '../../../lib/adapters/aws/s3-content.ts';
import { makeDynamoFileStore } from '../../../lib/adapters/dynamodb/file-store.ts';
import { makeDynamoRunScan } from '../../../lib/adapters/dynamodb/indexes.ts';
import { makeDynamoRunStore } from '../../../lib/adapters/dynamodb/run-store.ts';
import { makeDynamoDB } from '../../../lib/adapters/dynamodb/table.ts';
import { configurationOf } from '../../../lib/adapters/settings/configuration.ts';
import { systemClock } from '../../../lib/adapters/system.ts';
import type { AuditDeps } from '../../../lib/operate/audit/ports.ts';
import { ownVectors } from '../../../lib/vectors/own-vectors.ts';
import { namespaceOf } from '../../../lib/vectors/ports.ts';

/**
 * Composes the audit of the stores that these variables name.
 *
 * @throws {ConfigurationError} when variables are missing or invalid; it names all of them
 */
export const composeAudit = (env: Record<string, string | undefined>): AuditDeps => {
  const unused = 'unused'; // the audit sends no message and no event
  const queues = { BUS_NAME: unused, JOBS_QUEUE_URL: unused, INTAKE_QUEUE_URL: unused };
  const config = configurationOf({ ...queues, ...env });
  const table = { client: makeDynamoDB(), table: config.tableName };
  const bucket = { client: makeS3(), bucket: config.contentBucket };
  const { pinecone, embedding, deployment } = config;
  const sharedVectors = composeSharedVectors(config);
  return {
    scan: makeDynamoRunScan(table),
    runs: makeDynamoRunStore(table),
    files: makeDynamoFileStore(table),
    content: makeS3Content(bucket),
    readSource: makeS3Source(bucket),
    findSource: makeS3FindSource(bucket),
    ...composeSpending({ config, clients: { dynamodb: table.client } }),
    vectors: ownVectors(sharedVectors, deployment),
    sharedVectors,
    vectorList: composeVectorList(config),
    deployment,
    namespace: (caller) => namespaceOf(pinecone.namespacePrefix, embedding.model, caller),
    earlierNamespace: (caller) => namespaceOf('', embedding.model, caller),
    clock: systemClock,
    retentionDays: config.retentionDays,
  };
};
