import type { TableClient } from '../../../lib/adapters/dynamodb/table.ts';
import type { ShardChange } from '../../../lib/runs/shards.ts';
import { withTable } from '../../api-command.ts';
import { CommandError, type Define, examples, prose } from '../../command.ts';
import { useDeployment, withDeployment } from '../../deployment-command.ts';
import { oneValue, parseWhole } from '../../option-values.ts';
import { type Column, printTable } from '../../terminal/print-table.ts';
import { localTime } from '../../terminal/time.ts';

const count = oneValue(parseWhole(1, 9_999_999));

export const define: Define = (command) => {
  withTable(withDeployment(command))
    .description(
      prose(`Shows into how many partitions the table spreads the index of work that is due, and each caller's list of runs. With
options it raises them, from ten minutes later on; nothing is moved, and nothing has to be deployed or stopped.

A count can only grow, since items stay where they were written. Each partition of a list is read for every page of it,
so raise it no further than one caller's rate needs.`),
    )
    .option(
      '--due <n>',
      'partitions of the index due: each takes 1,000 write units a second (docs/scale.md)',
      count,
    )
    .option('--list <n>', "partitions of each caller's list of runs: each takes 500 runs a second", count)
    .addHelpText(
      'after',
      examples(
        ['everytoken table shards --stage prod', 'the counts'],
        ['everytoken table shards --due 16 --stage prod', 'doubles the room of the index'],
      ),
    )
    .action((options) =>
      useDeployment(options, async ({ deployment: { environment }, screen, json }) => {
        const { due, list } = options;
        const [{ makeDynamoDB }, { DEFAULT_SHARDS }] = await Promise.all([
          import('../../../lib/adapters/dynamodb/table.ts'),
          import('../../../lib/runs/shards.ts'),
        ]);
        const table = { client: makeDynamoDB(), table: environment.TABLE_NAME ?? '' };
        const changes = await shardsOf(table, {
          ...(due !== undefined && { due }),
          ...(list !== undefined && { list }),
        });
        const data = [{ from: null, ...DEFAULT_SHARDS }, ...changes];
        if (options.json) json({ data });
        else printTable(screen, COLUMNS, data, options);
      }),
    );
};

const COLUMNS: readonly Column<{ from: string | null; due: number; list: number }>[] = [
  {
    title: 'from',
    text: ({ from }) => (from === null ? 'the beginning' : localTime(from)),
    csv: ({ from }) => from,
    left: true,
  },
  { title: 'due', text: ({ due }) => String(due), csv: ({ due }) => due },
  { title: 'list', text: ({ list }) => String(list), csv: ({ list }) => list },
];

const shardsOf = async (
  table: TableClient,
  wanted: { due?: number; list?: number },
): Promise<ShardChange[]> => {
  const [{ readTableRecord, writeTableRecord }, { grownShards }] = await Promise.all([
    import('../../../lib/adapters/dynamodb/table-record.ts'),
    import('../../../lib/runs/shards.ts'),
  ]);
  const record = await readTableRecord(table);
  if (Object.keys(wanted).length === 0) return record.shards;
  const shards = grownShards(record.shards, wanted, Date.now());
  if (!(await writeTableRecord(table, { shards }, record)))
    throw new CommandError('another command changed the table meanwhile: look at the counts and try again');
  return shards;
};
