import { composeSharedVectors, composeVectorList } from '../../../functions/compose/vectors.ts';
import { makeDynamoRunStore } from '../../../lib/adapters/dynamodb/run-store.ts';
import { makeDynamoDB } from '../../../lib/adapters/dynamodb/table.ts';
import { configurationOf } from '../../../lib/adapters/settings/configuration.ts';
import type { MoveVectorsDeps } from '../../../lib/operate/move-vectors.ts';
import { namespaceOf } from '../../../lib/vectors/ports.ts';

/**
 * Composes the move of vectors from the namespaces with the prefix `from`, in the stores that these variables name.
 *
 * @throws {ConfigurationError} when variables are missing or invalid; it names all of them
 */
export const composeMove = (env: Record<string, string | undefined>, from: string): MoveVectorsDeps => {
  const unused = 'unused'; // the move reads the table and the index alone
  const others = {
    CONTENT_BUCKET: unused,
    BUS_NAME: unused,
    JOBS_QUEUE_URL: unused,
    INTAKE_QUEUE_URL: unused,
  };
  const config = configurationOf({ ...others, ...env });
  const { tableName, deployment, embedding, pinecone } = config;
  return {
    runs: makeDynamoRunStore({ client: makeDynamoDB(), table: tableName }),
    sharedVectors: composeSharedVectors(config),
    vectorList: composeVectorList(config),
    deployment,
    from: (caller) => namespaceOf(from, embedding.model, caller),
    to: (caller) => namespaceOf(pinecone.namespacePrefix, embedding.model, caller),
  };
};
