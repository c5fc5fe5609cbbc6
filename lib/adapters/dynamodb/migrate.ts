import { paginateScan } from '@aws-sdk/client-dynamodb';
import { inBatches } from '../../async/in-batches.ts';
import { ConfigurationError } from '../../errors.ts';
import {
  type BuryListedDeps,
  buryListed,
  listedOf,
  promptPreviewOf,
  STAGES,
  stageOf,
} from '../../runs/list/entry.ts';
import type { ListedChange, RunList } from '../../runs/ports.ts';
import { acceptedRunRequest } from '../../runs/request.ts';
import type { Run } from '../../runs/run.ts';
import { makeMarkUsage } from '../../usage/mark.ts';
import { systemClock } from '../system.ts';
import { marshall, unmarshall } from './attribute-value.ts';
import { fileOf } from './file-item.ts';
import { listKeys } from './file-store.ts';
import { runOf } from './run-item.ts';
import { type Item, type Key, type TableClient, updateItem } from './table.ts';
import { readTableRecord, writeTableRecord } from './table-record.ts';
import { Update } from './update.ts';
import { makeDynamoUsageStore } from './usage-store.ts';

/**
 * The version of the table that this code writes: 1 listed runs by an index, 2 lists them in items of their own, 3 lists
 * comparisons apart from prompt files.
 */
export const TABLE_VERSION = 3;

const AT_ONCE = 25;

/**
 * Runs that were read, those of them that had no entry in their caller's list, or an outdated one, and comparisons that
 * were listed among the files.
 */
export type Migrated = { runs: number; entered: number; comparisons: number };

/**
 * Whether the table is of an earlier version.
 *
 * @throws {ConfigurationError} `newer_table` when it is of a later one.
 */
export const needsMigration = async (table: TableClient): Promise<boolean> => {
  const { version = 1 } = await readTableRecord(table);
  if (version > TABLE_VERSION)
    throw new ConfigurationError(
      `table ${table.table} is of version ${version}, and this everytoken knows ${TABLE_VERSION}: update everytoken`,
      { code: 'newer_table' },
    );
  return version < TABLE_VERSION;
};

/**
 * Brings a table to this version: enters every run in its caller's list, has its usage summed, and takes it out of the
 * index `list`, in which comparisons leave the partition of the prompt files for their own. Then writes the version. It
 * scans the whole table, may run beside workers of this version, and may be interrupted and repeated: each run is entered
 * before it leaves the index, and an entry never goes back to an earlier stage.
 *
 * @throws {ConfigurationError} as `needsMigration` does.
 */
export const migrateTable = async (
  table: TableClient,
  {
    list,
    usageKeys,
    markUsage = makeMarkUsage({ totals: makeDynamoUsageStore(table), clock: systemClock }),
    onProgress = () => {},
  }: Omit<BuryListedDeps, 'markUsage'> &
    Partial<BuryListedDeps> & { onProgress?: (migrated: Migrated) => void },
): Promise<Migrated> => {
  await needsMigration(table);
  const migrated = { runs: 0, entered: 0, comparisons: 0 };
  const pages = paginateScan(
    { client: table.client },
    {
      TableName: table.table,
      ConsistentRead: true,
      FilterExpression:
        'sk = :run OR (sk = :file AND begins_with(id, :comparison) AND begins_with(list_pk, :files))',
      ExpressionAttributeValues: marshall({
        ':run': 'RUN',
        ':file': 'FILE',
        ':comparison': 'cmp_',
        ':files': 'FILE#',
      }),
    },
  );
  for await (const { Items = [] } of pages) {
    const items = Items.map((item) => unmarshall(item));
    const runs = items.filter(({ sk }) => sk === 'RUN');
    const comparisons = items.filter(({ sk }) => sk === 'FILE');
    const entered = await inBatches(runs, AT_ONCE, (item) =>
      enterRun(item, { table, list, usageKeys, markUsage }),
    );
    await inBatches(comparisons, AT_ONCE, (item) => moveComparison(item, table));
    migrated.comparisons += comparisons.length;
    migrated.runs += entered.length;
    migrated.entered += entered.filter(Boolean).length;
    if (items.length > 0) onProgress({ ...migrated });
  }
  await writeVersion(table);
  return migrated;
};

type EnterDeps = BuryListedDeps & { table: TableClient };

const enterRun = async (item: Item, { table, ...deps }: EnterDeps): Promise<boolean> => {
  const run = runOf(item);
  const isIndexed = item.list_pk !== undefined;
  // A run of this version is entered by its workers, unless one of the version before has ended or deleted it.
  if (!isIndexed && (stageOf(run) === STAGES.open || (await isEntered(run, deps.list)))) return false;
  if (run.status === 'deleted') await buryListed(run, deps);
  else {
    await deps.list.put(entryOf(run));
    await deps.markUsage(run);
  }
  if (isIndexed) {
    const update = new Update();
    update.set('list_pk', null);
    update.set('list_sk', null);
    await updateItem(table, { pk: item.pk, sk: item.sk } as Key, update);
  }
  return true;
};

const moveComparison = async (item: Item, table: TableClient): Promise<void> => {
  const file = fileOf(item);
  if (!file) return;
  const update = new Update();
  update.set('list_pk', listKeys(file).list_pk);
  await updateItem(table, { pk: item.pk, sk: item.sk } as Key, update);
};

const isEntered = async (run: Run, list: RunList): Promise<boolean> => {
  const entry = await list.get(run);
  return entry !== undefined && stageOf(entry) >= stageOf(run);
};

/**
 * A run's entry. Earlier items do not name the models of settings that differ; the request does, and has the prompt. Only
 * a request in the item itself is read: others would take a read of the bucket for each run.
 */
const entryOf = (run: Run): ListedChange => {
  if (run.request === null || run.template !== null) return listedOf(run);
  try {
    const request = acceptedRunRequest(JSON.parse(run.request), { model: run.model });
    const models = request.settings.map(({ model }) => model);
    return listedOf({ ...run, models }, { promptPreview: promptPreviewOf(request) });
  } catch {
    return listedOf(run); // a request of an earlier form
  }
};

const writeVersion = async (table: TableClient): Promise<void> => {
  for (;;) {
    const record = await readTableRecord(table);
    if (await writeTableRecord(table, { version: TABLE_VERSION }, record)) return;
  }
};
