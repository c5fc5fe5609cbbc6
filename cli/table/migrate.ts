import { type Migrated, migrateTable } from '../../lib/adapters/dynamodb/migrate.ts';
import { makeDynamoRunList } from '../../lib/adapters/dynamodb/run-list.ts';
import { namesIn } from '../../lib/adapters/settings/configuration.ts';
import { makeCommand, misuseOf, withRemedies } from '../command.ts';
import { openTable, WHERE } from '../open-table.ts';

const USAGE = 'table migrate';

const HELP = `Brings a table of the version before to this one: enters all runs in the lists of their callers,
and lists comparisons apart from prompt files. Deploy first, and wait fifteen minutes, so that no function of the version before still works (docs/operations.md, "Upgrades").

It scans the whole table beside the working system, and may be interrupted and repeated. A deployment with usageKeys needs
the same in USAGE_KEYS. The local stack does this by itself when it starts.

${WHERE}`;

/** `everytoken table migrate`. */
export const migrateCommand = makeCommand({
  summary: 'brings a table of the version before to this one',
  usage: USAGE,
  help: HELP,
  run: async (words) => {
    if (words.length > 0) throw misuseOf(USAGE)();
    const usageKeys = namesIn(process.env.USAGE_KEYS ?? '');
    const table = openTable(process.env);
    try {
      await withRemedies(table.place, async () => {
        const list = makeDynamoRunList(table);
        const onProgress = ({ runs }: Migrated) => console.error(`runs read: ${runs}`);
        const { runs, entered, comparisons } = await migrateTable(table, { list, usageKeys, onProgress });
        console.log(
          `runs: ${runs}, entered in their callers' lists now: ${entered}; comparisons: ${comparisons} moved`,
        );
      });
    } finally {
      table.close();
    }
    return 0;
  },
});
