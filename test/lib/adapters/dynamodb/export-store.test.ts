import { makeDynamoExportStore } from '../../../../lib/adapters/dynamodb/export-store.ts';
import { makeDynamoDueIndex } from '../../../../lib/adapters/dynamodb/indexes.ts';
import { exportStoreContract } from '../../../contracts/export-store.ts';
import { openTable } from '../../../factories/dynamodb-table.ts';

exportStoreContract('DynamoDB', async () => {
  const table = await openTable();
  return {
    exports: makeDynamoExportStore(table),
    dueIndex: makeDynamoDueIndex(table),
    close: table.close,
  };
});
