import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { composeVectors } from '../functions/compose-vectors.ts';
import { makeDynamoDB, makeS3 } from '../lib/adapters/aws-clients.ts';
import { configurationOf } from '../lib/adapters/configuration.ts';
import { makeDynamoFileStore } from '../lib/adapters/dynamodb-file-store.ts';
import { makeDynamoRunScan } from '../lib/adapters/dynamodb-run-scan.ts';
import { makeDynamoRunStore } from '../lib/adapters/dynamodb-run-store.ts';
import { makePineconeVectorList } from '../lib/adapters/pinecone-vector-list.ts';
import { makeS3Content } from '../lib/adapters/s3-content.ts';
import { makeSecret } from '../lib/adapters/secrets.ts';
import { systemClock } from '../lib/adapters/system.ts';
import { audit, repairAll } from '../lib/audit/audit.ts';
import { reportLines } from '../lib/audit/audit-report.ts';
import type { AuditDeps } from '../lib/audit/ports.ts';
import { namespaceOf } from '../lib/embed/vector-metadata.ts';
import { environmentOf, readStackFile } from './stack-addresses.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A deployment's when TABLE_NAME says which, else the local stack's that runs. */
const readEnvironment = (): Record<string, string | undefined> => {
  if (process.env.TABLE_NAME) return process.env;
  const { stack, variables } = readStackFile(root);
  return environmentOf(stack, variables);
};

const compose = async (env: Record<string, string | undefined>): Promise<AuditDeps> => {
  Object.assign(process.env, env); // where AWS's clients look for addresses and keys
  const unused = 'unused'; // the audit sends no message and no event
  const queues = { BUS_NAME: unused, JOBS_QUEUE_URL: unused, INTAKE_QUEUE_URL: unused };
  const config = configurationOf({ ...queues, ...env });
  const table = { client: makeDynamoDB(), table: config.tableName };
  const { pinecone, embedding } = config;
  return {
    scan: makeDynamoRunScan(table),
    runs: makeDynamoRunStore(table),
    files: makeDynamoFileStore(table),
    content: makeS3Content({ client: makeS3(), bucket: config.contentBucket }),
    vectors: composeVectors(config),
    vectorList: makePineconeVectorList({
      apiKey: await makeSecret(pinecone.apiKey, 'PINECONE_API_KEY').read(),
      controllerHost: pinecone.controllerHost,
      indexName: pinecone.index,
    }),
    namespace: (caller) => namespaceOf(pinecone.namespacePrefix, embedding.model, caller),
    clock: systemClock,
  };
};

try {
  const { values } = parseArgs({ options: { repair: { type: 'boolean', default: false } } });
  const result = await audit(await compose(readEnvironment()));
  for (const line of reportLines(result)) console.log(line);
  if (values.repair) {
    const { repaired, left } = await repairAll(result.findings);
    console.log(`repaired ${repaired.length} of ${result.findings.length} findings, ${left.length} left`);
    process.exitCode = left.length > 0 ? 1 : 0;
  } else {
    process.exitCode = result.findings.length > 0 ? 1 : 0;
  }
} catch (error) {
  console.error(`error: ${(error as Error).message.split('\n')[0]}`);
  process.exitCode = 1;
}
