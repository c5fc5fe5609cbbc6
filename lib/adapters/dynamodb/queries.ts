import { paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { RunScan } from '../../operate/audit/ports.ts';
import { blockOf, fileOf } from './file-item.ts';
import { runOf } from './run-item.ts';
import type { TableClient } from './run-store.ts';

/** Reads the whole table: for an operator at a command line; no function may scan. */
export const makeDynamoRunScan = ({ client, table }: TableClient): RunScan => ({
  pages: async function* () {
    for await (const { Items = [] } of paginateScan({ client }, { TableName: table, ConsistentRead: true })) {
      const items = Items.map((item) => unmarshall(item));
      const of = (isOne: (sk: string) => boolean) => items.filter(({ sk }) => isOne(sk as string));
      yield {
        runs: of((sk) => sk === 'RUN').map(runOf),
        files: of((sk) => sk === 'FILE')
          .map(fileOf)
          .filter((file) => file !== undefined),
        blocks: of((sk) => sk.startsWith('BLOCK#'))
          .map(blockOf)
          .filter((block) => block !== undefined),
      };
    }
  },
});
