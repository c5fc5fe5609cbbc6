import { type Define, examples, prose } from '../../command.ts';
import { useDeployment, withDeployment } from '../../deployment-command.ts';

export const define: Define = (command) => {
  withDeployment(command)
    .description(
      prose(`Brings a table of the version before to this one: enters all runs in the lists of their callers, and lists comparisons
apart from prompt files. Deploy first, and wait fifteen minutes, so that no function of the version before still works
(docs/operations.md, "Upgrades").

It scans the whole table beside the working system, and may be interrupted and repeated. With TABLE_NAME in place of
--stage, a deployment with usageKeys needs the same in USAGE_KEYS. The local stack does this by itself when it starts.`),
    )
    .addHelpText('after', examples(['everytoken table migrate --stage prod', 'after a deployment']))
    .action((options) =>
      useDeployment(options, async ({ deployment: { environment }, screen, json, note }) => {
        const [{ makeDynamoDB }, { migrateTable }, { makeDynamoRunList }, { namesIn }] = await Promise.all([
          import('../../../lib/adapters/dynamodb/table.ts'),
          import('../../../lib/adapters/dynamodb/migrate.ts'),
          import('../../../lib/adapters/dynamodb/run-list.ts'),
          import('../../../lib/adapters/settings/configuration.ts'),
        ]);
        const table = { client: makeDynamoDB(), table: environment.TABLE_NAME ?? '' };
        const migrated = await migrateTable(table, {
          list: makeDynamoRunList(table),
          usageKeys: namesIn(environment.USAGE_KEYS ?? ''),
          onProgress: ({ runs }) => note(`runs read: ${runs}`),
        });
        const { runs, entered, comparisons } = migrated;
        if (options.json) json({ runs, entered, comparisons });
        else
          screen.line(
            `runs: ${runs}, entered in their callers' lists now: ${entered}; comparisons: ${comparisons} moved`,
          );
      }),
    );
};
