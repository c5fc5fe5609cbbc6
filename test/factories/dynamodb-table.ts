import {
  CreateTableCommand,
  type CreateTableInput,
  DescribeTableCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { listen } from '../../local/http.ts';
import { pollUntil } from '../../tools/poll-until.ts';
import { awsKey } from '../fixtures/aws-key.ts';

/** The table of infra/data.yml. */
export const TABLE_DEFINITION: CreateTableInput = {
  TableName: 'everytoken-test',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
    { AttributeName: 'due_shard', AttributeType: 'N' },
    { AttributeName: 'due_at', AttributeType: 'N' },
    { AttributeName: 'list_pk', AttributeType: 'S' },
    { AttributeName: 'list_sk', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'due',
      KeySchema: [
        { AttributeName: 'due_shard', KeyType: 'HASH' },
        { AttributeName: 'due_at', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
    {
      IndexName: 'list',
      KeySchema: [
        { AttributeName: 'list_pk', KeyType: 'HASH' },
        { AttributeName: 'list_sk', KeyType: 'RANGE' },
      ],
      Projection: {
        ProjectionType: 'INCLUDE',
        NonKeyAttributes: [
          'id',
          'caller',
          'status',
          'created_at',
          'model',
          'labels',
          'metadata',
          'generations',
          'error',
          'file',
        ],
      },
    },
  ],
};

/** A real DynamoDB API with the table in it, in memory, on a free port of 127.0.0.1. */
export const openTable = async () => {
  const listener = await listen(dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }), 0);
  const client = new DynamoDBClient({
    endpoint: listener.url,
    region: 'us-east-1',
    credentials: awsKey,
  });
  const { TableName } = TABLE_DEFINITION;
  await client.send(new CreateTableCommand(TABLE_DEFINITION));
  // Requests are refused until then.
  const status = async () => (await client.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus;
  await pollUntil('the table to be active', async () => (await status()) === 'ACTIVE', 10_000, 1);
  return {
    client,
    table: 'everytoken-test',
    close: async () => {
      client.destroy();
      await listener.close();
    },
  };
};
