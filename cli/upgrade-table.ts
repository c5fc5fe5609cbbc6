import { type Migrated, migrateTable, needsMigration } from '../lib/adapters/dynamodb/migrate.ts';
import { makeDynamoRunList } from '../lib/adapters/dynamodb/run-list.ts';
import { ConfigurationError } from '../lib/errors.ts';
import type { PrepareTable } from '../local/aws/start-dynamodb.ts';
import { StackError } from '../local/stack-error.ts';

/** Hears how far the upgrade of a data folder has come. */
type OnUpgrade = (migrated: Migrated, isDone: boolean) => void;

/**
 * Brings the table of a data folder that an earlier version of everytoken wrote to this version.
 *
 * @throws {StackError} when a later version wrote it.
 */
export const upgradeTable =
  (dataDir: string, onUpgrade: OnUpgrade = () => {}): PrepareTable =>
  async ({ client, table }) => {
    try {
      if (!(await needsMigration({ client, table }))) return;
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      throw new StackError(
        `the data folder ${dataDir} was written by a newer version of everytoken: update, or set EVERYTOKEN_DATA_DIR to another folder`,
      );
    }
    // The version before kept no metadata of deleted runs, so no key of it is to be kept.
    const list = makeDynamoRunList({ client, table });
    const onProgress = (migrated: Migrated) => onUpgrade(migrated, false);
    const migrated = await migrateTable({ client, table }, { list, usageKeys: [], onProgress });
    if (migrated.runs + migrated.comparisons > 0) onUpgrade(migrated, true);
  };
