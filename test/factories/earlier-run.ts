import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '../../lib/adapters/dynamodb/attribute-value.ts';
import { attributesOf } from '../../lib/adapters/dynamodb/run-item.ts';
import type { TableClient } from '../../lib/adapters/dynamodb/table.ts';
import { dueAttributes } from '../../lib/adapters/dynamodb/update.ts';
import type { Run } from '../../lib/runs/run.ts';

/** Writes a run as version 1 of the table held it: in the index `list`, and in no list. */
export const putEarlierRun = async ({ client, table }: TableClient, run: Run): Promise<void> => {
  const { models: _models, ...attributes } = attributesOf(run);
  const pk = `RUN#${run.id}`;
  const item = {
    ...{ pk, sk: 'RUN', ...attributes, ...dueAttributes(pk, run.dueAt) },
    list_pk: `RUN#${run.caller}`,
    list_sk: `${run.createdAt}#${run.id}`,
  };
  await client.send(new PutItemCommand({ TableName: table, Item: marshall(item) }));
};
