import { CreateTableCommand, type CreateTableInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { localCredentials } from '../../../local/aws/credentials.ts';

/** Set by the run that starts these suites: where DynamoDB Local is, and the template's table. */
const { DYNAMODB_URL: endpoint = '', TABLE_DEFINITION = '{}' } = process.env;
const definition = JSON.parse(TABLE_DEFINITION) as CreateTableInput;

/** The table of the packaged template, under a name of its own. */
export const openTable = async (name: string) => {
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: localCredentials });
  const table = `contract-${name}`;
  await client.send(new CreateTableCommand({ ...definition, TableName: table }));
  return { client, table, close: async () => client.destroy() };
};
