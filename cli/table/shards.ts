import type { TableClient } from '../../lib/adapters/dynamodb/table.ts';
import { readTableRecord, writeTableRecord } from '../../lib/adapters/dynamodb/table-record.ts';
import { DEFAULT_SHARDS, grownShards, type ShardChange } from '../../lib/runs/shards.ts';
import { CommandError, makeCommand, misuseOf, parseWords, withRemedies } from '../command.ts';
import { openTable, WHERE } from '../open-table.ts';

const USAGE = 'table shards [--due N] [--list N]';

const HELP = `Shows into how many partitions the table spreads the index of work that is due, and each caller's list of runs. With
options it raises them, from ten minutes later on; nothing is moved, and nothing has to be deployed or stopped.

  --due N    partitions of the index due: each takes 1,000 write units a second (docs/scale.md)
  --list N   partitions of each caller's list of runs: each takes 500 runs a second

A count can only grow, since items stay where they were written. Each partition of a list is read for every page of it,
so raise it no further than one caller's rate needs.

${WHERE}`;

/** `everytoken table shards`. */
export const shardsCommand = makeCommand({
  summary: 'shows or raises the number of partitions of the index due and of lists',
  usage: USAGE,
  help: HELP,
  run: async (words) => {
    const misuse = misuseOf(USAGE);
    const { values } = parseWords(
      { args: words, options: { due: { type: 'string' }, list: { type: 'string' } } },
      misuse,
    );
    const due = count('--due', values.due);
    const list = count('--list', values.list);
    const wanted = { ...(due !== undefined && { due }), ...(list !== undefined && { list }) };
    const opened = openTable(process.env);
    try {
      const shards = await withRemedies(opened.place, () => shardsOf(opened, wanted));
      for (const { from, due, list } of [{ from: undefined, ...DEFAULT_SHARDS }, ...shards])
        console.log(`due ${due}, list ${list}${from === undefined ? '' : ` from ${from}`}`);
    } finally {
      opened.close();
    }
    return 0;
  },
});

const count = (option: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new CommandError(`${option} takes a whole number`);
  return Number(text);
};

const shardsOf = async (
  table: TableClient,
  wanted: { due?: number; list?: number },
): Promise<ShardChange[]> => {
  const record = await readTableRecord(table);
  if (Object.keys(wanted).length === 0) return record.shards;
  const shards = grownShards(record.shards, wanted, Date.now());
  if (!(await writeTableRecord(table, { shards }, record)))
    throw new CommandError('another command changed the table meanwhile: look at the counts and try again');
  return shards;
};
